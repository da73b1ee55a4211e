/** What must hold for every answer. */
import type { DescribedOperation } from '../../../src/http/openapi/describe.ts';
import type { Answer } from './send.ts';
import type { Sent } from './wire.ts';

/** ms until a connection is over: that of a whole request, and of one that the service waits for and gives up. */
export const LIMITS = { whole: 30_000, silence: 75_000 };

/** What is wrong with `answer`; undefined: nothing. */
export function judge(
  operation: DescribedOperation | undefined,
  sent: Sent,
  answer: Answer,
): string | undefined {
  if (answer.isRefused) return 'the service takes no connection';
  if (answer.isLate)
    return `no end after ${(sent.end === 'silence' ? LIMITS.silence : LIMITS.whole) / 1000} s: ${answer.text.slice(0, 200)}`;
  for (const status of answer.statuses) {
    if (status < 500) continue;
    // Damaged bytes may be a request of any other operation.
    if (operation !== undefined && !(status in operation.responses))
      return `status ${status}, which the document does not name`;
  }
  if (answer.text.includes('"internal server error"')) return 'an internal error';
  if (/\n\s+at .*:\d+:\d+/.test(answer.text)) return 'a stack trace';
  if (sent.end === 'wait' && sent.isWhole && operation !== undefined && answer.length === 0)
    return 'no answer';
  return undefined;
}
