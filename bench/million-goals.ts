/** The goals for a million manifests: which figure, and what it must not exceed. */
import type { Report } from './figures.ts';
import type { Figures } from './million.ts';

interface Goal {
  /** What an operator would call it. */
  readonly what: string;
  readonly figure: string;
  readonly most: number;
}

/** Of the cost at twice the number, compared with the cost before: more than this is not constant. */
const CONSTANT = 1.1;

const GOALS: readonly Goal[] = [
  { what: 'delete of a manifest, wall', figure: 'delete_p50', most: 5 },
  { what: 'rows of a layer in which nothing is found', figure: 'layer_rows', most: 1 },
  { what: 'detections of the layers of a million manifests', figure: 'layer_size_of_a_million', most: 3 },
  {
    what: 'memory: manifests that one vulnerability affects',
    figure: 'affected_one_memory_growth',
    most: 200,
  },
  { what: 'memory: manifests that 1,000 affect', figure: 'affected_kernel_memory_growth', most: 200 },
  { what: 'memory: their notifications', figure: 'notifier_memory_growth', most: 200 },
  { what: 'CPU: their notifications', figure: 'notifier_cpu', most: 10 },
  {
    what: 'refill of a million by 4 replicas, notifications beside it, other lookups than before',
    figure: 'replicas_hours_for_a_million',
    most: 2,
  },
  {
    what: 'the same, the same lookups as before',
    figure: 'replicas_same_hours_for_a_million',
    most: 2,
  },
  { what: 'saves lost to background work', figure: 'saves_lost', most: 10 },
  { what: 'reads of reports lost to background work', figure: 'reports_lost', most: 10 },
];

/**
 * Figures of one manifest, which must not depend on how many there are. The sweep is none of them: it reads all holders of a rare lookup, and each
 * lookup of a copied manifest has as many as there are copies.
 */
const CONSTANTS: readonly Omit<Goal, 'most'>[] = [
  { what: 'delete of a manifest, wall', figure: 'delete_p50' },
  { what: 'delete of a manifest, CPU of PostgreSQL', figure: 'delete_postgres_cpu' },
  { what: 'bytes of a layer', figure: 'layer_size' },
  { what: 'refill of a manifest, CPU of PostgreSQL', figure: 'refill_postgres_cpu' },
  { what: 'refill of a manifest, wall, 4 replicas', figure: 'replicas_wall' },
  { what: 'save of a manifest, wall', figure: 'saves_p50' },
  { what: 'read of a report, wall', figure: 'reports_p50' },
];

/** Reports each goal with what was measured at the whole number; then says in a few lines which are missed. */
export function tellGoals(report: Report, half: Figures, whole: Figures): void {
  const missed: string[] = [];
  let count = 0;
  const tell = ({ what, figure, most }: Goal, value: number | undefined, unit: string): void => {
    if (value === undefined) throw new Error(`the goal "${what}" needs ${figure}, which was not measured`);
    count++;
    const said = `${what}: ${Number(value.toPrecision(3))} ${unit}, goal ${most}`;
    console.log(`# ${value <= most ? 'met   ' : 'MISSED'} ${said}`);
    if (value > most) missed.push(said);
    report(`goal_${figure}${unit === TIMES ? '_slope' : ''}`, value, unit, most);
  };
  for (const goal of GOALS) tell(goal, whole.get(goal.figure)?.value, whole.get(goal.figure)?.unit ?? '');
  for (const goal of CONSTANTS) {
    const [before, after] = [half.get(goal.figure)?.value, whole.get(goal.figure)?.value];
    const slope = before === undefined || after === undefined ? undefined : after / before;
    tell({ ...goal, what: `${goal.what}, compared with half as many`, most: CONSTANT }, slope, TIMES);
  }
  console.log(`# ${missed.length} of ${count} goals missed${missed.map((each) => `\n#   ${each}`).join('')}`);
}

const TIMES = 'times';
