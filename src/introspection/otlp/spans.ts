/** Spans as an OTLP document: `ExportTraceServiceRequest` in JSON. */
import type { FinishedSpan } from '../traces/span.ts';
import { keyValues, nanoseconds, type Resource, resourceOf } from './values.ts';

// opentelemetry-proto: SpanKind, StatusCode
const KIND = { internal: 1, server: 2, client: 3 };
const ERROR = 2;

export function spansDocument(spans: readonly FinishedSpan[], resource: Resource): object {
  const scope = { name: 'clair', version: resource.version };
  return {
    resourceSpans: [{ resource: resourceOf(resource), scopeSpans: [{ scope, spans: spans.map(spanOf) }] }],
  };
}

function spanOf({ context, parentId, name, kind, start, end, attributes, error }: FinishedSpan): object {
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(parentId !== undefined && { parentSpanId: parentId }),
    ...(context.state !== undefined && { traceState: context.state }),
    name,
    kind: KIND[kind],
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: keyValues(attributes),
    status: error === undefined ? {} : { code: ERROR, message: error },
  };
}
