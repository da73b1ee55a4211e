/** In the browser: takes over the findings that were rendered into the file, with all that lie beside them as data. */
import { hydrate } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ReportData } from '../../src/model/report-page.ts';
import { NavContext } from '../lib/nav.ts';
import { FileFindings } from './file-findings.tsx';
import { fileNav, useFileNav } from './file-nav.ts';

const root = document.querySelector('#findings');
const source = document.querySelector('#data')?.textContent;

if (root !== null && source) {
  const data = JSON.parse(source) as ReportData;
  hydrate(<Live data={data} />, root);
}

/** The first time as it is rendered in the file, which knows neither the hash nor that scripts run. */
function Live({ data }: { data: ReportData }) {
  const [isLive, setLive] = useState(false);
  useEffect(() => setLive(true), []);
  const nav = useFileNav();
  return (
    <NavContext.Provider value={isLive ? nav : fileNav('', () => {})}>
      <FileFindings data={data} isLive={isLive} />
    </NavContext.Provider>
  );
}
