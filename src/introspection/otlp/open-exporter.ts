/** The exporter that the configuration asks for; the other one is not loaded. */
import type { OtlpConfig, OtlpExporter, Signal } from './target.ts';

/** gRPC goes before HTTP if both are there (clair-service.md#configuration-keys). Throws `bad-config`. */
export async function openExporter({ http, grpc }: OtlpConfig, sends: Signal): Promise<OtlpExporter> {
  if (grpc) {
    const { createGrpcExporter } = await import('./grpc/exporter.ts');
    return createGrpcExporter(grpc, sends);
  }
  const { createOtlpPost } = await import('./post.ts');
  return createOtlpPost(http ?? {}, sends);
}
