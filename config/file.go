package config

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readFile turns the file into nested maps of texts. Scalars keep their spelling (075512345678 is a number to YAML, and no
// longer what was written), unknown and doubled keys are faults with their line.
func readFile(name string, data []byte, f *faults) map[string]any {
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if !errors.Is(err, io.EOF) {
			f.add(name, "not_yaml", "not YAML (%v): mend the line", "不是有效的 YAML（%v）：请修正该行", err)
		}
		return nil
	}
	r := reader{file: name, f: f}
	if len(doc.Content) == 0 {
		return nil
	}
	m, _ := r.value("", doc.Content[0], reflect.TypeFor[Config]()).(map[string]any)
	return m
}

type reader struct {
	file string
	f    *faults
}

func (r reader) fault(key string, line int, code, text, textZH string, args ...any) {
	r.f.source[key] = fmt.Sprintf("%s:%d", r.file, line)
	r.f.add(key, code, text, textZH, args...)
}

// value reads a node of the wanted type; nil means that nothing usable stands there (a fault, or null).
func (r reader) value(key string, n *yaml.Node, want reflect.Type) any {
	r.f.source[key] = fmt.Sprintf("%s:%d", r.file, n.Line)
	switch {
	case n.Kind == yaml.AliasNode:
		r.fault(key, n.Line, "alias", "anchors and aliases are not understood here: write the value out", "不支持锚点与别名：请直接写出值")
		return nil
	case n.Tag == "!!null":
		delete(r.f.source, key)
		return nil
	case want.Kind() == reflect.Struct:
		return r.mapping(key, n, want)
	case want.Kind() == reflect.Slice:
		return r.list(key, n, want)
	case n.Kind != yaml.ScalarNode:
		r.fault(key, n.Line, "not_a_value", "one value is wanted here, not a list or a group of keys", "此处应为单个值，而不是列表或键组")
		return nil
	default:
		return n.Value
	}
}

func (r reader) mapping(key string, n *yaml.Node, want reflect.Type) any {
	if n.Kind != yaml.MappingNode {
		r.fault(key, n.Line, "not_a_group", "a group of keys is wanted here: %s", "此处应为一组键：%s", strings.Join(fieldNames(want), ", "))
		return nil
	}
	m := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		sub := name
		if key != "" {
			sub = key + "." + name
		}
		field, ok := fieldByName(want, name)
		if !ok {
			r.fault(sub, n.Content[i].Line, "unknown_key", "unknown key%s", "未知配置项%s", nearest(name, fieldNames(want)))
			continue
		}
		if _, twice := m[name]; twice {
			r.fault(sub, n.Content[i].Line, "doubled_key", "stands twice: delete one", "重复出现：请删除一处")
			continue
		}
		if v := r.value(sub, n.Content[i+1], field.Type); v != nil {
			m[name] = v
		}
	}
	return m
}

func (r reader) list(key string, n *yaml.Node, want reflect.Type) any {
	if n.Kind == yaml.ScalarNode {
		return n.Value // "a; b", as in the environment
	}
	if n.Kind != yaml.SequenceNode {
		r.fault(key, n.Line, "not_a_list", "a list is wanted here: lines that begin with \"- \"", "此处应为列表：以 \"- \" 开头的行")
		return nil
	}
	out := make([]any, 0, len(n.Content))
	for i, c := range n.Content {
		if v := r.value(fmt.Sprintf("%s[%d]", key, i), c, want.Elem()); v != nil {
			out = append(out, v)
		}
	}
	return out
}

func fieldByName(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("yaml") == name {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func fieldNames(t reflect.Type) []string {
	names := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		names = append(names, t.Field(i).Tag.Get("yaml"))
	}
	return names
}
