/** What the API takes and gives, by the names that the OpenAPI document has for it. */
import { z } from 'zod';
import {
  Decision,
  DecisionChange,
  DecisionHistory,
  DecisionPreview,
  Decisions,
  NewDecision,
  Session,
  VexDocument,
  VexImport,
  Withdrawal,
} from './console/decisions.ts';
import {
  ConsoleCveDetail,
  ConsoleCves,
  ConsoleLabels,
  CveImages,
  FleetPackageDetail,
  FleetPackages,
  Overview,
  PackageImages,
  SearchHits,
  Trend,
  UnknownVulnerability,
} from './console/fleet.ts';
import {
  Compared,
  ComparedPackages,
  ConsoleCoverage,
  ConsoleFindings,
  ConsoleImageCounts,
  ConsoleImageDetail,
  ConsoleImages,
  ConsolePackages,
  ConsoleWhy,
} from './console/images.ts';
import {
  ConsoleDeliveries,
  ConsoleFeedDetail,
  ConsoleFeeds,
  ManifestNames,
  ManifestsAnswer,
} from './console/operations.ts';
import {
  HarborError,
  HarborMetadata,
  HarborReport,
  HarborScanRequest,
  HarborScanResponse,
} from './harbor.ts';
import {
  AffectedQuestion,
  ApiError,
  DeletedDigests,
  Digest,
  Digests,
  Distribution,
  Environment,
  IndexerState,
  IndexJob,
  IndexReportBody,
  Layer,
  ManifestBody,
  Package,
  ProblemWire,
  Repository,
  SourcePackage,
  VulnerabilitiesBody,
} from './index-report.ts';
import {
  Deliveries,
  NotificationAnswer,
  NotificationPage,
  OpenapiAnswer,
  TestDelivery,
  TestResults,
} from './notifications.ts';
import { RegistryEventsAnswer, RegistryEventsBody } from './registry-events.ts';
import { Feed, FeedSelection, Feeds, UpdateDiff, UpdateOperation, UpdateOperations } from './updates.ts';
import {
  AffectedLine,
  AffectedManifestsAnswer,
  Coverage,
  Finding,
  Vulnerability,
  VulnerabilityReport,
} from './vulnerability-report.ts';

const NAMED = {
  Digest,
  HarborMetadata,
  HarborScanRequest,
  HarborScanResponse,
  HarborReport,
  HarborError,
  RegistryEvents: RegistryEventsBody,
  RegistryEventsAnswer,
  Error: ApiError,
  Manifest: ManifestBody,
  Layer,
  IndexState: IndexerState,
  IndexReport: IndexReportBody,
  IndexJob,
  Package,
  SourcePackage,
  Distribution,
  Repository,
  Environment,
  Problem: ProblemWire,
  AffectedManifests: AffectedManifestsAnswer,
  AffectedQuestion,
  AffectedLine,
  Digests,
  DeletedDigests,
  Vulnerabilities: VulnerabilitiesBody,
  VulnerabilityReport,
  Coverage,
  Finding,
  Vulnerability,
  UpdateOperation,
  UpdateOperations,
  UpdateDiff,
  Feeds,
  Feed,
  FeedSelection,
  NotificationPage,
  Notification: NotificationAnswer,
  Deliveries,
  TestDelivery,
  TestResults,
  Document: OpenapiAnswer,
  Session,
  Overview,
  Trend,
  ConsoleImages,
  ConsoleImage: ConsoleImageDetail,
  ConsoleImageCounts,
  ConsolePackages,
  ConsoleFindings,
  ConsoleCoverage,
  Compared,
  ComparedPackages,
  ConsoleWhy,
  ConsoleCves,
  ConsoleLabels,
  ConsoleCve: ConsoleCveDetail,
  UnknownVulnerability,
  CveImages,
  FleetPackages,
  FleetPackage: FleetPackageDetail,
  PackageImages,
  SearchHits,
  ConsoleFeeds,
  ConsoleFeed: ConsoleFeedDetail,
  ConsoleDeliveries,
  Decisions,
  Decision,
  NewDecision,
  DecisionChange,
  DecisionPreview,
  DecisionHistory,
  Withdrawal,
  VexDocument,
  VexImport,
  ManifestNames,
  Manifests: ManifestsAnswer,
} as const;

/** A name that the document has. */
export type SchemaName = keyof typeof NAMED;

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Returns the reference to a schema by its name. */
export function refTo(name: SchemaName): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

const NAMES = new Map<z.ZodType, SchemaName>(
  (Object.keys(NAMED) as SchemaName[]).map((name) => [NAMED[name], name]),
);

/** Returns the name of a schema. Throws if it has none. */
export function nameOf(schema: z.ZodType): SchemaName {
  const name = NAMES.get(schema);
  if (name === undefined) throw new Error('a schema of the API has no name: see NAMED');
  return name;
}

/** Returns JSON Schema (2020-12) of what `schema` reads, or a reference if that has a name. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  if (schema instanceof z.ZodPipe) return jsonSchemaOf(schema.in as z.ZodType);
  const name = NAMES.get(schema);
  if (name !== undefined) return refTo(name);
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' });
  return json;
}

/** Returns JSON Schema (2020-12) of each: where one uses another there is a reference to it. */
export function jsonSchemas(): Record<SchemaName, JsonSchema> {
  const registry = z.registry<{ id: SchemaName }>();
  const names = Object.keys(NAMED) as SchemaName[];
  for (const id of names) registry.add(NAMED[id], { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => String(refTo(id as SchemaName).$ref),
    override: ({ jsonSchema }) => {
      // Zod says these of every number and map; no client learns anything from them.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      delete jsonSchema.propertyNames;
    },
  });
  const plain = names.map((id) => {
    const { $schema: _, $id: __, ...schema } = schemas[id] as JsonSchema;
    return [id, schema];
  });
  return Object.fromEntries(plain) as Record<SchemaName, JsonSchema>;
}
