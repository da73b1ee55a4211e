/** `docs/reference/clairctl.md`: the helps of all commands, from the commands themselves, and what does not fit in a help. */
import type { Command } from 'commander';
import { createProgram, loadProgram } from '../src/cli/program.ts';

const ABOUT = `\`clairctl\` scans images by itself (\`scan\`, \`db\`) and does what Clair's \`clairctl\` does for a Clair that is running
(\`report\`, \`manifest\`, \`delete\`) or configured (\`export-updaters\`, \`import-updaters\`, \`check-config\`, \`admin\`). Scripts written for
Clair's need no change: its flags, also in Go's spelling (\`-out=json\`), its variables and its outputs are here. What is otherwise on
purpose is in [differences](differences.md) under \`cli\`.

Every flag has a variable: \`--some-flag\` is \`CLAIR_SOME_FLAG\`, unless the help names another. An empty variable is none, and
\`0\`, \`false\`, \`no\` and \`off\` switch nothing on.

## Signing

A Clair with \`auth.psk\` wants signed requests. \`report\` and \`delete\` take the key from the server's configuration (\`--config\`, or
\`CLAIR_CONF\`, or \`config.yaml\` where they run) and sign as \`--issuer\`, which has to be in the server's \`auth.psk.iss\`. With
\`auth.keyserver\` it is the key \`intraservice\` that signs.

## What \`report\` asks

| request | what comes of it |
|---|---|
| \`GET /indexer/api/v1/index_report/DIGEST\` | whether the manifest is known; with \`--novel\` nothing is uploaded then |
| \`POST /indexer/api/v1/index_report\` | the manifest, with \`Prefer: respond-async\`: this Clair answers 202 and is asked how far it is, a real one answers when it is done |
| \`GET /matcher/api/v1/vulnerability_report/DIGEST\` | the report; 202 while a feed that the image needs is loaded for the first time |

429, 503 and 202 are asked again, as \`Retry-After\` says, for \`--timeout\`.

### Images that the server cannot fetch

\`report\` reads the image itself if the server cannot (a registry on this machine, a login that it has not, a network between), if
\`--local\` says so, or if the image is no image of a registry (\`oci:PATH\`, \`docker-archive:FILE\`, \`dir:PATH\`, \`sbom:FILE\`). Layers never leave
this machine then: what is in them is sent as an index report to \`POST /matcher/api/v1/match_report\`, an extension of this Clair.

- The body is an IndexReport as \`GET index_report\` gives it: \`state\` \`IndexFinished\`, \`success\` \`true\`, at most 16 MiB and 100,000 packages.
- The answer is 200 and a VulnerabilityReport; 202 as above; 400 where the body is something else; 429 when too much
  is asked at once. It needs the same authentication as the rest of the API.
- Nothing is stored: the manifest is not known to the indexer, and there will be no notifications of it.

## The commands`;

/** The whole text. */
export async function clairctlReference(): Promise<string> {
  // The helps name no place of this machine.
  for (const name of Object.keys(process.env)) if (name.startsWith('CLAIR_')) delete process.env[name];
  process.env.CLAIR_DATA_DIR = '~/.local/share/clair';
  const { commands } = await loadProgram();
  // The list of commands as it is shown, which is before they are loaded.
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
