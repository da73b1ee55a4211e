/** Returns SQL for an interval of as many ms as the parameter says. */
export function milliseconds(parameter: string): string {
  return `${parameter}::float8 * interval '1 millisecond'`;
}
