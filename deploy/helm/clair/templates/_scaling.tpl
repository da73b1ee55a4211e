{{/* The metrics by which a service scales in addition to CPU. Takes root and service. The label job is that of the ServiceMonitor. */}}
{{- define "clair.scalingMetrics" -}}
{{- $scaling := (index .root.Values .service).autoscaling }}
{{- $series := printf `{namespace="%s",job="%s-%s"}` .root.Release.Namespace (include "clair.fullname" .root) .service }}
{{- if has .service (list "indexer" "combo") }}
{{- range $name := list "clair_indexer_jobs_oldest_seconds" "clair_indexer_pulls_oldest_seconds" }}
- name: {{ $name }}
  query: {{ printf "max(%s%s)" $name $series | quote }}
  type: Value
  target: {{ $scaling.targetQueueSeconds }}
{{- end }}
{{- end }}
{{- if has .service (list "matcher" "combo") }}
- name: clair_matcher_reports_per_second
  query: {{ printf "sum(rate(clair_matcher_report_duration_seconds_count%s[2m]))" $series | quote }}
  type: AverageValue
  target: {{ $scaling.targetReportsPerSecond }}
{{- end }}
{{- end }}

{{/* Replicas double at most every 2 minutes: a queue does not become shorter before new ones are ready. */}}
{{- define "clair.scalingBehavior" -}}
scaleUp: { policies: [{ type: Percent, value: 100, periodSeconds: 120 }] }
scaleDown: { stabilizationWindowSeconds: 300 }
{{- end }}
