import { defaultFigures } from '../../actors/planning/default-figures.js';
import type { MachineFigures } from '../../actors/planning/machine-figures.js';
import { recomputeSetups } from '../../actors/planning/notebook-setups.js';
import {
  type ClusterShape,
  shapeOfRatings,
  type TrainingShape,
} from '../../actors/planning/plan-input.js';
import { planTraining } from '../../actors/planning/plan-training.js';
import { readRatings } from '../io/read-ratings.js';
import { calibrate } from './calibration/calibrate.js';
import { SpeedProbe } from './calibration/machine-speed.js';
import { checkRoad, measureRoad } from './calibration/measure-road.js';
import { UsageError } from './exit-status.js';
import { figuresFile, loadFigures, saveFigures } from './figures-file.js';
import { interruptions } from './interruption.js';
import { jsonLine } from './json-line.js';
import { natsOptions } from './nats-flags.js';
import type { PlanFlags } from './plan-flags.js';
import { planText } from './plan-report.js';
import { progressOn } from './progress.js';
import { secondsPlot } from './seconds-plot.js';
import { setupsTable } from './setups-table.js';
import { simulate, summaryOf } from './simulate.js';
import { simulationText } from './simulation-report.js';
import { proseColumns } from './wrap-text.js';
import { writeOutput } from './write-output.js';

/** Runs `seesaw plan`. */
export async function runPlan(flags: PlanFlags): Promise<void> {
  const columns = proseColumns(process.stdout);
  if (flags.calibrate) return measure(flags);
  if (flags.servers !== undefined) {
    throw new UsageError(
      'found --servers without --calibrate; expected both, since a plan asks no server; try --calibrate',
    );
  }
  const figures = (await loadFigures(flags.figures)) ?? defaultFigures;
  if (flags.table) {
    const setups = recomputeSetups(figures);
    process.stdout.write(flags.json ? jsonLine({ setups }) : `${setupsTable(setups, columns)}\n`);
    return;
  }
  const shape = await shapeOf(flags);
  const { nodes, threads, network, memory, routing, road } = flags;
  const cluster: ClusterShape = {
    ...{ nodes, threads, networkBitsPerSecond: network, memoryBytes: memory, routing, road },
  };
  const plan = planTraining(shape, cluster, figures);
  if (flags.svg !== undefined) {
    await writeOutput(flags.svg, secondsPlot(shape, cluster, figures));
  }
  const simulated = await simulate(flags, shape, cluster, figures, plan);
  process.stdout.write(
    flags.json
      ? jsonLine(simulated === undefined ? plan : { ...plan, simulated: summaryOf(simulated) })
      : planText(plan, columns) +
          (simulated === undefined ? '' : `\n${simulationText(simulated, plan, columns)}`) +
          filesText(flags),
  );
}

/** The files that a plan has left. */
function filesText({ svg, events, trace }: PlanFlags): string {
  const files = [svg, events, trace].filter((file) => file !== undefined);
  return files.length === 0 ? '' : `\nwrote ${files.join(', ')}\n`;
}

async function measure(flags: PlanFlags): Promise<void> {
  const progress = progressOn(process.stderr, flags.json === true || flags.quiet === true);
  const file = flags.figures ?? figuresFile();
  // What was measured of a road stays.
  const known = (await loadFigures(flags.figures).catch(() => undefined)) ?? defaultFigures;
  let figures: MachineFigures;
  if (flags.servers !== undefined) await checkRoad(natsOptions(flags, flags.servers));
  const speed = await SpeedProbe.open();
  try {
    const stopped = interruptions();
    let under = '';
    const onPart = (part: string) => {
      if (part !== under) progress.begin(`measuring ${part}`);
      under = part;
    };
    figures = await calibrate({
      ...{ stopped, speed, onPart },
      road: async (figures) =>
        flags.servers === undefined
          ? known.road
          : measureRoad({
              ...{ options: natsOptions(flags, flags.servers), figures },
              ...{ stopped, probe: speed.probe, onPart },
            }),
    });
  } finally {
    progress.pause();
    await speed.close();
  }
  await saveFigures(file, figures);
  const { cpu, cores, node, kernel } = figures.machine;
  process.stdout.write(
    flags.json
      ? jsonLine({ file, ...figures })
      : `${file}: figures of ${cpu}, ${cores} cores, Node ${node}, ${kernel}\n`,
  );
}

async function shapeOf(flags: PlanFlags): Promise<TrainingShape> {
  const {
    users,
    items,
    ratings,
    rank,
    iterations,
    solver,
    start,
    cgSteps,
    blocks,
    longestItemRow,
  } = flags;
  const job = { rank, iterations, solver, start, cgSteps, blocks };
  if (flags.from !== undefined) {
    if ((users ?? items ?? ratings ?? longestItemRow) !== undefined) {
      throw new UsageError(
        'found --from and sizes; expected one of the two; try --from alone, which has the sizes',
      );
    }
    return { ...job, ...shapeOfRatings(await readRatings({ files: [flags.from] })) };
  }
  if (users === undefined || items === undefined || ratings === undefined) {
    throw new UsageError(
      'found no job to plan; expected --users, --items and --ratings, or --from with a file of ' +
        'ratings; try seesaw plan --users 1e6 --items 2e5 --ratings 1e8',
    );
  }
  return { ...job, users, items, ratings, longestItemRow };
}
