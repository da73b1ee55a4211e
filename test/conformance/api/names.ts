/** Names that differ between the recording and our service: states, references, digests, addresses. */
import type { Answer, Recorded } from './recorded.ts';

/** Recorded name -> ours. */
export type Names = ReadonlyMap<string, string>;

/** The recorded exchange as it is to be asked of our service. */
export function toOurs(recorded: Recorded, names: Names): Recorded {
  return { ...recorded, request: JSON.parse(replaced(JSON.stringify(recorded.request), names)) };
}

/** Our answer in the names of the recording. */
export function toRecorded(answer: Answer, names: Names): Answer {
  const back = new Map([...names].map(([recorded, ours]) => [ours, recorded]));
  return {
    ...answer,
    headers: new Map(
      [...answer.headers].map(([name, values]) => [name, values.map((value) => replaced(value, back))]),
    ),
    body: answer.body === undefined ? undefined : JSON.parse(replaced(JSON.stringify(answer.body), back)),
  };
}

function replaced(text: string, names: Names): string {
  let result = text;
  for (const [from, to] of names) result = result.replaceAll(from, to);
  return result;
}
