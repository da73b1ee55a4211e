/** `docs/reference/clairctl.md`: the help of all commands, and the requests and signatures that it has no room for. */
import type { Command } from 'commander';
import { createProgram, loadProgram } from '../src/cli/program.ts';

const ABOUT = `\`clairctl\` scans images on this machine (\`scan\`, \`explain\`, \`diff\`, \`db\`) and works with a Clair service (\`report\`, \`manifest\`,
\`delete\`, \`export-updaters\`, \`import-updaters\`, \`check-config\`, \`admin\`). It accepts the flags, environment variables and outputs of
Clair v4's \`clairctl\`, including Go spelling (\`-out=json\`). Intended differences are listed in [differences](differences.md#cli).

Every flag has an environment variable: \`--some-flag\` is \`CLAIR_SOME_FLAG\` unless the help names another. Empty variables are ignored.
\`0\`, \`false\`, \`no\` and \`off\` disable a boolean flag. All exit codes are in [exit codes](exit-codes.md).

## Signed requests

A service with \`auth.psk\` requires signed requests. \`report\` and \`delete\` read the key from the service configuration (\`--config\`,
\`CLAIR_CONF\`, or \`config.yaml\` in the working directory) and sign as \`--issuer\`, which \`auth.psk.iss\` must list. With
\`auth.keyserver\`, they sign with the key \`intraservice\`.

## Requests of \`report\`

| request | purpose |
|---|---|
| \`GET /indexer/api/v1/index_report/DIGEST\` | Find out whether the manifest is indexed. With \`--novel\`, an indexed manifest is not submitted. |
| \`POST /indexer/api/v1/index_report\` | Submit the manifest with \`Prefer: respond-async\`. This Clair returns 202 and is polled; Clair v4 returns when indexing has finished. |
| \`GET /matcher/api/v1/vulnerability_report/DIGEST\` | Request the report. 202 while a required feed is loaded for the first time. |

\`report\` retries 202, 429 and 503 after \`Retry-After\`, until \`--timeout\`.

### Images that the service cannot fetch

\`report\` indexes the image on this machine in three cases: the service cannot fetch the layers, \`--local\` is set, or the target is
local (\`oci:PATH\`, \`docker-archive:FILE\`, \`dir:PATH\`, \`sbom:FILE\`). The layers stay on this machine. Their index report is sent to
\`POST /matcher/api/v1/match_report\`, an extension that Clair v4 does not have.

- The body is an IndexReport, as returned by \`GET index_report\`: \`state\` \`IndexFinished\`, \`success\` \`true\`, at most 16 MiB and 100,000 packages.
- The response is 200 with a VulnerabilityReport, 202 as above, 400 for another body, or 429 above the limit of concurrent requests. The
  endpoint requires the same authentication as the rest of the API.
- Clair stores nothing: the indexer does not know the manifest, and sends no notifications for it.

## Commands`;

/** Returns the page without its title. */
export async function clairctlReference(): Promise<string> {
  // No path of this machine in a help.
  for (const name of Object.keys(process.env)) if (name.startsWith('CLAIR_')) delete process.env[name];
  process.env.CLAIR_DATA_DIR = '~/.local/share/clair';
  const { commands } = await loadProgram();
  // The list of commands as a user sees it: before they are loaded.
  const sections = [section('clairctl', await createProgram([])), ...commands.flatMap(sectionsOf)];
  return [ABOUT, ...sections].join('\n\n');
}

function sectionsOf(command: Command): string[] {
  const name = `clairctl ${command.name()}`;
  const inner = command.commands.filter((each) => each.name() !== 'help');
  return [section(name, command), ...inner.map((each) => section(`${name} ${each.name()}`, each))];
}

function section(name: string, command: Command): string {
  let help = '';
  command
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
    })
    .outputHelp();
  return `### ${name}\n\n\`\`\`text\n${help.trim()}\n\`\`\``;
}
