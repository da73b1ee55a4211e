/** Extensions of applications, each known by a file of its own, of which no feed speaks. */
import { fieldOf, parseJson } from '../../formats/json/file.ts';
import { folderOf } from '../package-folders.ts';
import type { RecordKind } from '../record-files.ts';
import { listed } from './records.ts';

/** The value of a key in the first column of YAML, without quotes. */
function inYaml(text: string, key: string): string | undefined {
  return new RegExp(`^${key}:[ \\t]*(["']?)(.*?)\\1[ \\t\\r]*$`, 'm').exec(text)?.[2];
}

const DRUPAL = /(?:^|\/)(?:modules|themes|profiles)\/(?:[^/]+\/)*([^/]+)\/\1\.info\.yml$/;
const JOOMLA =
  /(?:^|\/)(?:administrator\/(?:components|modules|manifests)|components|modules|plugins|templates)\/(?:[^/]+\/)+[^/]+\.xml$/;
const GRAFANA: ReadonlySet<unknown> = new Set(['app', 'datasource', 'panel', 'renderer']);

export const APPLICATION_RECORDS: readonly RecordKind[] = [
  {
    // developer.wordpress.org/themes: the header of the style sheet.
    id: 'wordpress-theme',
    part: 'wp-content/themes/',
    is: /(?:^|\/)wp-content\/themes\/[^/]+\/style\.css$/,
    read(path, text) {
      const [, name = ''] = /\/themes\/([^/]+)\/style\.css$/.exec(path) ?? [];
      const header = text.slice(0, 8192);
      if (!/^[ \t/*#@]*Theme Name:/im.test(header)) return [];
      return listed(name, /^[ \t/*#@]*Version:[ \t]*(.+?)\s*$/im.exec(header)?.[1] ?? '');
    },
    folder: folderOf,
  },
  {
    // What drupal.org packages has its project and version; Composer has a record of its own.
    id: 'drupal-extension',
    part: '.info.yml',
    is: DRUPAL,
    read(_path, text) {
      const [project, version] = [inYaml(text, 'project'), inYaml(text, 'version')];
      return project === undefined || version === undefined ? [] : listed(project, version);
    },
    folder: folderOf,
  },
  {
    // docs.joomla.org, "Manifest files".
    id: 'joomla-extension',
    part: '.xml',
    is: JOOMLA,
    read(_path, text) {
      const head = text.slice(0, 16384);
      if (
        !/<(?:extension|install)\s[^>]*\btype\s*=\s*["'](?:component|module|plugin|template|file)["']/.test(
          head,
        )
      )
        return [];
      return listed(
        /<name>\s*([^<]+?)\s*<\/name>/.exec(head)?.[1],
        /<version>\s*([^<]+?)\s*<\/version>/.exec(head)?.[1],
      );
    },
    folder: folderOf,
  },
  {
    // Those that are part of Grafana have no version.
    id: 'grafana-plugin',
    part: '/plugin.json',
    is: /(?:^|\/)plugin\.json$/,
    read(_path, text) {
      const document = parseJson(text);
      const version = fieldOf(fieldOf(document, 'info'), 'version');
      if (!GRAFANA.has(fieldOf(document, 'type')) || typeof version !== 'string' || !/^v?\d/.test(version))
        return [];
      return listed(fieldOf(document, 'id'), version);
    },
    folder: folderOf,
  },
  {
    // developer.hashicorp.com/terraform, "Dependency Lock File"; OpenTofu has the same.
    id: 'terraform',
    part: '.terraform.lock.hcl',
    is: /(?:^|\/)\.terraform\.lock\.hcl$/,
    read(_path, text) {
      return [...text.matchAll(/^provider\s+"([^"\n]+)"\s*\{([^}]*)/gm)].flatMap(([, name, body = '']) =>
        listed(name, /^\s*version\s*=\s*"([^"\n]+)"/m.exec(body)?.[1]),
      );
    },
  },
];
