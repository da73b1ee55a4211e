/** In Node: the report file as a string, made of the components of the console. */
import { renderToString } from 'preact-render-to-string';
import type { ReportPage } from '../../src/model/report-page.ts';
import { ReportBody } from './report-page.tsx';

/** What is between `<body>` and the data. All texts of `page` become text nodes or quoted attributes. */
export function renderReport(page: ReportPage): string {
  return renderToString(<ReportBody of={page} />);
}
