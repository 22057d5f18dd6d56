import type { Command } from 'commander';

/** The commands in the order of the help. The modules of a command load when it is asked for. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  train: async () => (await import('./train-command.js')).addTrainCommand,
  search: async () => (await import('./search-command.js')).addSearchCommand,
  evaluate: async () => (await import('./evaluate-command.js')).addEvaluateCommand,
  recommend: async () => (await import('./recommend-command.js')).addRecommendCommand,
  similar: async () => (await import('./similar-command.js')).addSimilarCommand,
  serve: async () => (await import('./serve-command.js')).addServeCommand,
  export: async () => (await import('./export-command.js')).addExportCommand,
  import: async () => (await import('./import-command.js')).addImportCommand,
  info: async () => (await import('./info-command.js')).addInfoCommand,
  watch: async () => (await import('./watch-command.js')).addWatchCommand,
  plan: async () => (await import('./plan-command.js')).addPlanCommand,
  bench: async () => (await import('./bench-command.js')).addBenchCommand,
  worker: async () => (await import('./worker-command.js')).addWorkerCommand,
  cluster: async () => (await import('./cluster-command.js')).addClusterCommand,
};

/** Adds the command that `args` name, or all commands if they name none, as for `--help`. */
export async function addCommands(program: Command, args: readonly string[]): Promise<void> {
  const called = args.find((arg) => !arg.startsWith('-'));
  const isKnown = called !== undefined && Object.hasOwn(commands, called);
  const loaders = isKnown ? [commands[called]!] : Object.values(commands);
  for (const add of await Promise.all(loaders.map((load) => load()))) add(program);
}
