{{/* Certificate authorities: for everything that Clair requests, and for its database. */}}

{{/* "true" if `ca` names a ConfigMap or Secret. Takes ca and key, the value for messages. */}}
{{- define "clair.caGiven" -}}
{{- if and .ca.configMap .ca.secret }}
{{- fail (printf "%s: set configMap or secret, not both" .key) }}
{{- end }}
{{- if or .ca.configMap .ca.secret }}true{{ end }}
{{- end }}

{{/* sslrootcert, or nothing. The operator of CloudNativePG creates an authority for each Cluster. */}}
{{- define "clair.databaseCA" -}}
{{- if eq .Values.database.kind "cnpg" }}/etc/clair-database-ca/ca.crt
{{- else if include "clair.caGiven" (dict "ca" .Values.database.external.ca "key" "database.external.ca") }}/etc/clair-database-ca/{{ .Values.database.external.ca.key }}
{{- end }}
{{- end }}

{{- define "clair.caVolume" -}}
{{- if .configMap }}
configMap: { name: {{ .configMap }}, items: [{ key: {{ .key }}, path: {{ .key }} }] }
{{- else }}
secret: { secretName: {{ .secret }}, items: [{ key: {{ .key }}, path: {{ .key }} }] }
{{- end }}
{{- end }}

{{/* Volumes of the authorities, and those of the operator. */}}
{{- define "clair.extraVolumes" -}}
{{- if include "clair.caGiven" (dict "ca" .Values.trustedCA "key" "trustedCA") }}
- name: trusted-ca
  {{- include "clair.caVolume" .Values.trustedCA | trim | nindent 2 }}
{{- end }}
{{- if include "clair.databaseCA" . }}
{{- $ca := .Values.database.external.ca }}
{{- if eq .Values.database.kind "cnpg" }}
{{- $ca = dict "configMap" "" "secret" (printf "%s-database-ca" (include "clair.fullname" .)) "key" "ca.crt" }}
{{- end }}
- name: database-ca
  {{- include "clair.caVolume" $ca | trim | nindent 2 }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "clair.trustedCAMount" -}}
{{- if include "clair.caGiven" (dict "ca" .Values.trustedCA "key" "trustedCA") }}
# In SSL_CERT_DIR of the image.
- { name: trusted-ca, mountPath: /var/run/certs, readOnly: true }
{{- end }}
{{- end }}

{{- define "clair.extraVolumeMounts" -}}
{{- include "clair.trustedCAMount" . }}
{{- if include "clair.databaseCA" . }}
- { name: database-ca, mountPath: /etc/clair-database-ca, readOnly: true }
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}
