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

// Document renders docs/configuration.md, or its Chinese sister.
func Document(chinese bool) []byte {
	var b strings.Builder
	head, columns := `# Configuration

Every key with its environment variable and default. Generated from the program (go test ./config -update): change
config/keys.go, not this page. The order of sources: default, config.yaml, environment, --set; the last one counts. Lists may be
written in one text: "mon-fri 09:00-12:00; sat 10:00-12:00", lists of groups as YAML: [{name: main, gateway: pstn}].
`, "| key | environment | default | meaning |"
	if chinese {
		head, columns = `# 配置

全部配置项、环境变量和默认值。本页由程序生成（go test ./config -update），请修改 config/keys.go。优先级从低到高：默认值、config.yaml、
环境变量、--set。列表可写在一个文本中："mon-fri 09:00-12:00; sat 10:00-12:00"；分组列表用 YAML：[{name: main, gateway: pstn}]。
`, "| 配置项 | 环境变量 | 默认值 | 含义 |"
	}
	b.WriteString(head)
	for _, k := range Keys() {
		if k.Part != "" {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n|---|---|---|---|\n", k.Part, columns)
		}
		text := k.Text
		if chinese {
			text = k.TextZH
		}
		def := "`" + strings.TrimSpace(yamlValue(k.Default, "")) + "`"
		if _, long := k.Default.([]RetryRule); long {
			def = "[config.yaml](../config.yaml)"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", k.Name, k.Env(), def, strings.ReplaceAll(text, "|", "\\|"))
	}
	return []byte(b.String())
}
