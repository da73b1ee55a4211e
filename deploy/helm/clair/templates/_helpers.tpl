{{- define "clair.fullname" -}}
{{- if contains "clair" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-clair" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "clair.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "clair.selector" . }}
{{- end }}

{{- define "clair.selector" -}}
app.kubernetes.io/name: clair
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "clair.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Names of the services of this release, separated by spaces. */}}
{{- define "clair.services" -}}
{{- if eq .Values.mode "combo" }}combo{{ else }}indexer matcher{{ if .Values.notifier.enabled }} notifier{{ end }}{{ end }}
{{- end }}

{{- define "clair.migratesByJob" -}}
{{- if and .Values.migrations.job (ne .Values.database.kind "cnpg") }}true{{ end }}
{{- end }}

{{- define "clair.databaseSecret" -}}
{{- if eq .Values.database.kind "cnpg" }}{{ include "clair.fullname" . }}-database-app{{ else }}{{ .Values.database.external.secret }}{{ end }}
{{- end }}

{{/* Without host, port and credentials: those are PG* variables (clair.env). */}}
{{- define "clair.connstring" -}}
{{- $database := .root.Values.database -}}
{{- if include "clair.databaseSecret" .root -}}
{{- $ca := include "clair.databaseCA" .root -}}
{{- $sslmode := ternary "" $database.external.sslmode (eq $database.kind "cnpg") | default (ternary "verify-full" "require" (ne $ca "")) -}}
dbname={{ index $database.names .service }} sslmode={{ $sslmode }}{{ with $ca }} sslrootcert={{ . }}{{ end }} pool_max_conns={{ $database.poolMaxConns }}
{{- end }}
{{- end }}

{{- define "clair.config" -}}
{{- $name := include "clair.fullname" . }}
{{- $migrations := not (include "clair.migratesByJob" .) }}
{{- $indexer := dict "connstring" (include "clair.connstring" (dict "root" . "service" "indexer")) "migrations" $migrations }}
{{- $matcher := dict "connstring" (include "clair.connstring" (dict "root" . "service" "matcher")) "migrations" $migrations }}
{{- $notifier := dict "connstring" (include "clair.connstring" (dict "root" . "service" "notifier")) "migrations" $migrations }}
{{- if eq .Values.mode "distributed" }}
{{- $_ := set $matcher "indexer_addr" (printf "http://%s-indexer:6060/" $name) }}
{{- if .Values.notifier.enabled }}
{{- $_ := set $matcher "notifier_addr" (printf "http://%s-notifier:6060/" $name) }}
{{- end }}
{{- $_ := set $notifier "indexer_addr" (printf "http://%s-indexer:6060/" $name) }}
{{- $_ := set $notifier "matcher_addr" (printf "http://%s-matcher:6060/" $name) }}
{{- end }}
{{- if .Values.airgap.enabled }}
{{- $_ := set $indexer "airgap" true }}
{{- $_ := set $matcher "disable_updaters" true }}
{{- end }}
{{- $drain := printf "%ds" (int .Values.drainSeconds) }}
{{- $config := dict "http_listen_addr" ":6060" "introspection_addr" ":8089" "drain_timeout" $drain "indexer" $indexer "matcher" $matcher }}
{{- if .Values.notifier.enabled }}
{{- $_ := set $config "notifier" $notifier }}
{{- end }}
{{- if .Values.harbor.enabled }}
{{- $harbor := dict "enabled" true }}
{{- if eq .Values.mode "distributed" }}
{{- $_ := set $harbor "matcher_addr" (printf "http://%s-matcher:6060/" $name) }}
{{- end }}
{{- $_ := set $config "harbor" $harbor }}
{{- end }}
{{- toYaml (mergeOverwrite $config (deepCopy .Values.config)) }}
{{- end }}

{{- define "clair.env" -}}
- name: CLAIR_CONF
  value: /config/config.yaml
{{- with include "clair.databaseSecret" . }}
{{- $keys := $.Values.database.external.keys }}
{{- if eq $.Values.database.kind "cnpg" }}
{{- $keys = dict "host" "host" "port" "port" "user" "username" "password" "password" }}
{{- end }}
{{- $secret := . }}
{{- range $variable, $key := dict "PGHOST" $keys.host "PGPORT" $keys.port "PGUSER" $keys.user "PGPASSWORD" $keys.password }}
- name: {{ $variable }}
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ $key }} } }
{{- end }}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The volume of config.yaml and its drop-ins. Takes root and configMap, a name. */}}
{{- define "clair.configVolume" -}}
- name: config
  projected:
    sources:
      - configMap: { name: {{ .configMap }} }
      {{- range $i, $secret := .root.Values.configSecrets }}
      - secret:
          name: {{ $secret.name }}
          items: [{ key: {{ $secret.key }}, path: {{ printf "config.yaml.d/%02d-%s" $i $secret.key }} }]
      {{- end }}
{{- end }}

{{- define "clair.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- define "clair.onOpenShift" -}}
{{- if eq (toString .Values.openshift) "auto" }}
{{- if .Capabilities.APIVersions.Has "security.openshift.io/v1" }}true{{ end }}
{{- else if .Values.openshift }}true{{ end }}
{{- end }}

{{- define "clair.podCommons" -}}
automountServiceAccountToken: false
{{- with .Values.serviceAccountName }}
serviceAccountName: {{ . }}
{{- end }}
{{- $security := .Values.podSecurityContext | default dict }}
{{- if include "clair.onOpenShift" . }}
{{- $security = omit $security "runAsUser" "runAsGroup" "fsGroup" }}
{{- end }}
{{- with $security }}
securityContext: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "clair.selectorFlow" -}}
{ app.kubernetes.io/name: clair, app.kubernetes.io/instance: {{ .Release.Name }} }
{{- end }}

{{/* envFrom of every Clair container. */}}
{{- define "clair.envFrom" -}}
{{- with .Values.extraEnvFrom }}
envFrom: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Paths of the API and the services that serve them, for everything that routes requests from outside. */}}
{{- define "clair.routes" -}}
{{- if eq .Values.mode "combo" }}
- { path: /, service: combo }
{{- else }}
- { path: /indexer, service: indexer }
- { path: /matcher, service: matcher }
- { path: /openapi, service: indexer }
- { path: /robots.txt, service: indexer }
{{- if .Values.notifier.enabled }}
- { path: /notifier, service: notifier }
{{- end }}
{{- end }}
{{- end }}
