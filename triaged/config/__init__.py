"""`config.yaml` as a frozen Config; secrets; what ships."""
