/** The reports of the matcher in this process, as Harbor's API wants them. */
import type { Matcher } from '../matcher/matcher.ts';
import type { ReportSource } from './report-source.ts';

export function localReports(
  matcher: Pick<Matcher, 'initialized' | 'vulnerabilityReport' | 'feedStatus'>,
): ReportSource {
  return {
    async report(digest) {
      if (!(await matcher.initialized())) return 'later';
      const report = await matcher.vulnerabilityReport(digest);
      return report?.loading ? 'later' : report?.body;
    },
    async updatedAt() {
      const times = (await matcher.feedStatus()).flatMap(({ lastSuccess }) => lastSuccess?.getTime() ?? []);
      return times.length === 0 ? undefined : new Date(times.reduce((a, b) => Math.max(a, b)));
    },
  };
}
