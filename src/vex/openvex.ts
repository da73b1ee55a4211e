/** OpenVEX, all versions up to 0.2.0 (https://github.com/openvex/spec). */
import { type JsonObject, listOf, recordOf } from '../model/json-object.ts';
import type { Problem } from '../model/package.ts';
import {
  timeOf,
  trimmedOf,
  type VexDocument,
  type VexProduct,
  type VexStatement,
  type VexStatus,
} from './statement.ts';

const STATUSES: readonly string[] = [
  'not_affected',
  'affected',
  'fixed',
  'under_investigation',
] satisfies VexStatus[];

export function isOpenVex(document: JsonObject): boolean {
  const contexts = [document['@context']].flat().map(trimmedOf);
  return contexts.some((context) => /openvex/i.test(context)) || Array.isArray(document.statements);
}

export function readOpenVex(document: JsonObject, name: string): VexDocument {
  const statements: VexStatement[] = [];
  const problems: Problem[] = [];
  for (const [index, value] of listOf(document.statements).entries()) {
    const statement = recordOf(value);
    const where = `statements[${index}]`;
    const ids = idsOf(statement.vulnerability);
    const status = trimmedOf(statement.status);
    const products = listOf(statement.products).flatMap(productOf);
    const reason =
      ids.length === 0
        ? 'it names no vulnerability'
        : !STATUSES.includes(status)
          ? `it has no known status but ${JSON.stringify(status)}`
          : products.length === 0
            ? 'it names no product'
            : undefined;
    if (reason !== undefined) {
      problems.push({ source: name, where, reason });
      continue;
    }
    statements.push({
      source: `${name}: ${where}`,
      ids,
      status: status as VexStatus,
      justification: trimmedOf(statement.justification),
      reason:
        trimmedOf(statement.impact_statement) ||
        trimmedOf(statement.status_notes) ||
        trimmedOf(statement.action_statement),
      products,
      // A statement inherits what it does not say from its document.
      time: timeOf(statement.last_updated, statement.timestamp, document.last_updated, document.timestamp),
    });
  }
  return { statements, problems };
}

/** Until 0.0.1 it was a text. */
function idsOf(value: unknown): string[] {
  const vulnerability = recordOf(value);
  return [value, vulnerability.name, vulnerability['@id'], ...listOf(vulnerability.aliases)]
    .map(trimmedOf)
    .filter((id) => id !== '');
}

function productOf(value: unknown): VexProduct[] {
  const identifiers = identifiersOf(value);
  if (identifiers.length === 0) return [];
  const parts = listOf(recordOf(value).subcomponents).flatMap(identifiersOf);
  const saysParts = listOf(recordOf(value).subcomponents).length > 0;
  return [{ identifiers, ...(saysParts && { parts }) }];
}

function identifiersOf(value: unknown): string[] {
  const product = recordOf(value);
  // Images are known by no other.
  const sha256 = trimmedOf(recordOf(product.hashes)['sha-256']);
  return [value, product['@id'], recordOf(product.identifiers).purl]
    .map(trimmedOf)
    .filter((id) => id !== '')
    .concat(sha256 === '' ? [] : `sha256:${sha256}`);
}
