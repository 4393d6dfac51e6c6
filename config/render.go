package config

import (
	"fmt"
	"strings"
)

// Sample renders config.yaml: every key with its default and what it means.
func Sample() []byte {
	var b strings.Builder
	b.WriteString("# Waihu (外呼): every key with its default. Keep only what you change; unknown keys are refused.\n")
	b.WriteString("# 每个配置项及其默认值；只需保留要修改的项，未知项会被拒绝。\n")
	b.WriteString("# Environment · 环境变量: switch.addr = WAIHU_SWITCH_ADDR; flag · 参数: --set switch.addr=10.0.0.5:8021\n")
	group := ""
	for _, k := range Keys() {
		if k.Part != "" {
			fmt.Fprintf(&b, "\n# --- %s\n", k.Part)
			group = ""
		}
		parent, name, nested := strings.Cut(k.Name, ".")
		indent := ""
		if nested {
			if parent != group {
				fmt.Fprintf(&b, "%s:\n", parent)
			}
			group, indent = parent, "  "
		} else {
			name, group = k.Name, ""
		}
		fmt.Fprintf(&b, "%s# %s · %s\n%s%s:%s\n", indent, k.Text, k.TextZH, indent, name, yamlValue(k.Default, indent))
	}
	return []byte(b.String())
}

// yamlValue writes a default, with the space or line break before it.
func yamlValue(v any, indent string) string {
	switch v := v.(type) {
	case string:
		return " " + yamlText(v)
	case Secret:
		return " " + yamlText(v.Reveal())
	case []string:
		quoted := make([]string, len(v))
		for i, s := range v {
			quoted[i] = yamlText(s)
		}
		return " [" + strings.Join(quoted, ", ") + "]"
	case []Trunk:
		return " []"
	case []RetryRule:
		var b strings.Builder
		for _, r := range v {
			fmt.Fprintf(&b, "\n%s  - {outcome: %s, times: %d, delay_seconds: %d, factor: %v, free: %t}",
				indent, r.Outcome, r.Times, r.DelaySeconds, r.Factor, r.Free)
		}
		return b.String()
	default:
		return fmt.Sprintf(" %v", v)
	}
}

func yamlText(s string) string {
	if s == "" || strings.ContainsAny(s, ":#{}[]*&!|>'\"%@` ") {
		return fmt.Sprintf("%q", s)
	}
	return s
}

// Table renders the keys as a Markdown table, in English or Chinese.
func Table(chinese bool) string {
	var b strings.Builder
	if chinese {
		b.WriteString("| 配置项 | 环境变量 | 默认值 | 含义 |\n|---|---|---|---|\n")
	} else {
		b.WriteString("| key | environment | default | meaning |\n|---|---|---|---|\n")
	}
	for _, k := range Keys() {
		text := k.Text
		if chinese {
			text = k.TextZH
		}
		def := strings.TrimSpace(yamlValue(k.Default, ""))
		if _, long := k.Default.([]RetryRule); long {
			def = "config.yaml"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | `%s` | %s |\n", k.Name, k.Env(), def, strings.ReplaceAll(text, "|", "\\|"))
	}
	return b.String()
}
