/** The report file around its findings. It is read without scripts as well: in mail, on paper, in a build's artifacts. */
import type { ReportPage } from '../../src/model/report-page.ts';
import { NavContext } from '../lib/nav.ts';
import { counted } from '../lib/words.ts';
import { Card, Empty, Notice } from '../parts/blocks.tsx';
import { SeverityWord } from '../parts/severity.tsx';
import { Upgrades, upgradesTitle } from '../parts/upgrades.tsx';
import { FileFindings } from './file-findings.tsx';
import { fileNav } from './file-nav.ts';

interface Of {
  readonly of: ReportPage;
}

export function ReportBody({ of }: Of) {
  return (
    <NavContext.Provider value={fileNav('', () => {})}>
      <main>
        <div class="head">
          <div>
            <h1>{of.title}</h1>
            <p class="facts">
              {of.facts.map((fact) => (
                <span key={fact}>{fact}</span>
              ))}
              <code>{of.manifest}</code>
            </p>
          </div>
        </div>
        <Caveats of={of} />
        <div class="stack">
          {of.upgrades.length > 0 && (
            <Card title={upgradesTitle(of.upgrades.length, of.share)}>
              <Upgrades of={of.upgrades.map((each) => ({ ...each, key: `${each.name} ${each.from}` }))} />
            </Card>
          )}
          {of.data.rows.length === 0 ? (
            <section class="card">
              <Empty icon={of.caveats.length === 0 ? 'good' : 'warn'} title={of.verdict} />
            </section>
          ) : (
            <>
              {of.notLinked !== '' && <p class="facts">{of.notLinked}</p>}
              <div id="findings">
                <FileFindings data={of.data} isLive={false} />
              </div>
            </>
          )}
          <LeftOut of={of} />
          <Ledger of={of} />
          <Basis of={of} />
        </div>
      </main>
    </NavContext.Provider>
  );
}

function Caveats({ of: { caveats } }: Of) {
  if (caveats.length === 0) return null;
  return (
    <Notice>
      <b>This report is incomplete.</b> No vulnerabilities are shown for what was not checked, and that does
      not mean there are none.
      <ul>
        {caveats.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Notice>
  );
}

function LeftOut({ of: { omissions, suppressed, suppressedCount } }: Of) {
  if (omissions.length === 0) return null;
  return (
    <Card title="Hidden and suppressed">
      <div class="pad">
        <ul>
          {omissions.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        {suppressed.length > 0 && (
          <details>
            <summary>{counted(suppressedCount, 'suppressed finding')}</summary>
            <div class="scroll">
              <table>
                <thead>
                  <tr>
                    {['Severity', 'Vulnerability', 'Package', 'Installed', 'Why'].map((title) => (
                      <th key={title} scope="col">
                        {title}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {suppressed.map(({ severity, id, package: name, version, why }) => (
                    <tr key={`${id} ${name} ${version} ${why}`}>
                      <td>
                        <SeverityWord of={severity} />
                      </td>
                      <td class="id">{id}</td>
                      <td>{name}</td>
                      <td>
                        <code>{version}</code>
                      </td>
                      <td>{why}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {suppressedCount > suppressed.length && (
              <p>{suppressedCount - suppressed.length} more: --format json lists them.</p>
            )}
          </details>
        )}
      </div>
    </Card>
  );
}

function Ledger({ of: { ledger } }: Of) {
  if (ledger === undefined) return null;
  const { totals, files, count } = ledger;
  return (
    <Card title="Ledger">
      <div class="pad">
        <p>{totals}</p>
        {files.length > 0 && (
          <details>
            <summary>{counted(count, 'unaccounted file')}</summary>
            <div class="scroll">
              <table id="unaccounted">
                <thead>
                  <tr>
                    {['File', 'Size', 'Kind', 'Status', 'Added by'].map((title) => (
                      <th key={title} scope="col">
                        {title}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {files.map(({ path, size, kind, status, layer, by }) => (
                    <tr key={`${path} ${layer}`}>
                      <td>
                        <code>{path}</code>
                      </td>
                      <td class="num">{size}</td>
                      <td>{kind}</td>
                      <td>{status}</td>
                      <td title={layer}>
                        <code>{by}</code>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {count > files.length && <p>{count - files.length} more, each no larger.</p>}
          </details>
        )}
      </div>
    </Card>
  );
}

function Basis({ of: { feeds, packageTypes } }: Of) {
  return (
    <Card title="Checked against">
      <div class="pad">
        <ul>
          {feeds.map((line) => (
            <li key={line}>{line}</li>
          ))}
          {feeds.length === 0 && <li>no feed</li>}
        </ul>
        <h3>Packages</h3>
        <p>{packageTypes.join(', ') || 'none'}</p>
      </div>
    </Card>
  );
}
