import type { Command } from 'commander';

/**
 * The modules of a command. Describing one loads little, so that help and complaints come at once;
 * those that do the work load when it is run.
 */
interface CommandModules {
  readonly describe: () => Promise<(command: Command) => Command>;
  /** Gets the arguments, the flags and the command, as commander gives them to an action. */
  readonly run: () => Promise<(...given: never[]) => Promise<void>>;
}

/** The commands in the order of the help. */
const commands: Readonly<Record<string, CommandModules>> = {
  train: {
    describe: async () => (await import('./train-flags.js')).addTrainFlags,
    run: async () => (await import('./train-command.js')).runTrain,
  },
  search: {
    describe: async () => (await import('./search-flags.js')).addSearchFlags,
    run: async () => (await import('./search-command.js')).runSearch,
  },
  evaluate: {
    describe: async () => (await import('./evaluate-flags.js')).addEvaluateFlags,
    run: async () => (await import('./evaluate-command.js')).runEvaluate,
  },
  recommend: {
    describe: async () => (await import('./recommend-flags.js')).addRecommendFlags,
    run: async () => (await import('./recommend-command.js')).runRecommend,
  },
  similar: {
    describe: async () => (await import('./similar-flags.js')).addSimilarFlags,
    run: async () => (await import('./similar-command.js')).runSimilar,
  },
  serve: {
    describe: async () => (await import('./serve-flags.js')).addServeFlags,
    run: async () => (await import('./serve-command.js')).runServe,
  },
  export: {
    describe: async () => (await import('./export-flags.js')).addExportFlags,
    run: async () => (await import('./export-command.js')).runExport,
  },
  import: {
    describe: async () => (await import('./import-flags.js')).addImportFlags,
    run: async () => (await import('./import-command.js')).runImport,
  },
  info: {
    describe: async () => (await import('./info-flags.js')).addInfoFlags,
    run: async () => (await import('./info-command.js')).runInfo,
  },
  watch: {
    describe: async () => (await import('./watch-flags.js')).addWatchFlags,
    run: async () => (await import('./watch-command.js')).runWatch,
  },
  plan: {
    describe: async () => (await import('./plan-flags.js')).addPlanFlags,
    run: async () => (await import('./plan-command.js')).runPlan,
  },
  bench: {
    describe: async () => (await import('./bench-flags.js')).addBenchFlags,
    run: async () => (await import('./bench-command.js')).runBench,
  },
  worker: {
    describe: async () => (await import('./worker-flags.js')).addWorkerFlags,
    run: async () => (await import('./worker-command.js')).runWorker,
  },
  cluster: {
    describe: async () => (await import('./cluster-flags.js')).addClusterFlags,
    run: async () => (await import('./cluster-command.js')).runCluster,
  },
};

/** Adds the command that `args` name, or all commands if they name none, as for `--help`. */
export async function addCommands(program: Command, args: readonly string[]): Promise<void> {
  const called = args.find((arg) => !arg.startsWith('-'));
  const isKnown = called !== undefined && Object.hasOwn(commands, called);
  const added = isKnown ? [called] : Object.keys(commands);
  const describers = await Promise.all(added.map((name) => commands[name]!.describe()));
  for (const [at, name] of added.entries()) {
    const { run } = commands[name]!;
    describers[at]!(program.command(name)).action(async (...given: unknown[]) =>
      (await run())(...(given as never[])),
    );
  }
}
