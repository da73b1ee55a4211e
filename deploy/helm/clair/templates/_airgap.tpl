{{/* Air-gapped: fetches the file with the feeds if it is an artifact, and loads it before the service starts. */}}
{{- define "clair.airgapContainers" -}}
{{- $artifact := .Values.airgap.artifact }}
{{- if not (or .Values.airgap.volume $artifact.reference) }}
{{- fail "airgap.enabled: set airgap.volume or airgap.artifact.reference" }}
{{- end }}
{{- if not .Values.airgap.volume }}
- name: fetch-feeds
  image: {{ $artifact.image }}
  args:
    - pull
    - {{ $artifact.reference }}
    - --output
    - /feeds
    {{- if $artifact.pullSecret }}
    - --registry-config
    - /registry/.dockerconfigjson
    {{- end }}
    {{- range $artifact.args }}
    - {{ . | quote }}
    {{- end }}
  env:
    - { name: HOME, value: /tmp }
    - { name: SSL_CERT_DIR, value: "/etc/ssl/certs:/var/run/certs" }
  resources: {{- toYaml .Values.airgap.resources | nindent 4 }}
  {{- include "clair.containerSecurity" . | nindent 2 }}
  volumeMounts:
    - { name: feeds, mountPath: /feeds }
    - { name: tmp, mountPath: /tmp }
    {{- if $artifact.pullSecret }}
    - { name: registry, mountPath: /registry, readOnly: true }
    {{- end }}
    {{- with include "clair.trustedCAMount" . | trim }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end }}
- name: load-feeds
  image: {{ include "clair.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  command: [/usr/bin/clairctl, db, import, /feeds/{{ .Values.airgap.file }}]
  env: {{- include "clair.env" . | nindent 4 }}
  {{- with include "clair.envFrom" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  resources: {{- toYaml .Values.airgap.resources | nindent 4 }}
  {{- include "clair.containerSecurity" . | nindent 2 }}
  volumeMounts:
    - { name: config, mountPath: /config, readOnly: true }
    - { name: feeds, mountPath: /feeds, readOnly: true }
    - { name: tmp, mountPath: /tmp }
    {{- with include "clair.extraVolumeMounts" . | trim }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end }}

{{- define "clair.airgapVolumes" -}}
- name: feeds
  {{- toYaml (.Values.airgap.volume | default (dict "emptyDir" dict)) | nindent 2 }}
{{- if and (not .Values.airgap.volume) .Values.airgap.artifact.pullSecret }}
- name: registry
  secret: { secretName: {{ .Values.airgap.artifact.pullSecret }} }
{{- end }}
{{- end }}
