package config

import (
	"math"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// assign puts a key's value, a default of the right type or a text, into its field.
func assign(cfg reflect.Value, k Key, raw any, f *faults) {
	dst := cfg
	for _, name := range strings.Split(k.Name, ".") {
		field, ok := fieldByName(dst.Type(), name)
		if !ok {
			f.add(k.Name, "no_field", "this key has no field: a mistake in Waihu", "程序错误：此配置项没有对应字段")
			return
		}
		dst = dst.FieldByIndex(field.Index)
	}
	dst.Set(reflect.ValueOf(k.Default)) // stays when the text cannot be read, so that no second fault follows from it
	if raw == nil {
		return
	}
	put(dst, k.Name, raw, f)
}

// put stores raw in dst; a text is read strictly: nothing is cut off, rounded or guessed.
func put(dst reflect.Value, key string, raw any, f *faults) {
	if rv := reflect.ValueOf(raw); rv.Type() == dst.Type() {
		dst.Set(rv)
		return
	}
	switch v := raw.(type) {
	case string:
		putText(dst, key, v, f)
	case []any:
		list := reflect.MakeSlice(dst.Type(), len(v), len(v))
		for i, item := range v {
			put(list.Index(i), key+"["+strconv.Itoa(i)+"]", item, f)
		}
		dst.Set(list)
	case map[string]any:
		for name, item := range v {
			if field, ok := fieldByName(dst.Type(), name); ok {
				put(dst.FieldByIndex(field.Index), key+"."+name, item, f)
			}
		}
	default:
		f.add(key, "wrong_type", "%v cannot stand here", "此处不能为 %v", raw)
	}
}

func putText(dst reflect.Value, key, text string, f *faults) {
	switch dst.Kind() {
	case reflect.String:
		dst.SetString(text)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			f.add(key, "not_a_number", "%q is not a whole number", "%q 不是整数", text)
			return
		}
		dst.SetInt(n)
	case reflect.Float64:
		x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			f.add(key, "not_a_number", "%q is not a number", "%q 不是数字", text)
			return
		}
		dst.SetFloat(x)
	case reflect.Bool:
		if text != "true" && text != "false" {
			f.add(key, "not_a_bool", "%q is neither true nor false", "%q 应为 true 或 false", text)
			return
		}
		dst.SetBool(text == "true")
	case reflect.Slice:
		putList(dst, key, text, f)
	default:
		f.add(key, "wrong_type", "%q cannot stand here", "此处不能为 %q", text)
	}
}

// putList reads a list from one text: "a; b", or YAML when it begins with a bracket.
func putList(dst reflect.Value, key, text string, f *faults) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "[") || dst.Type().Elem().Kind() == reflect.Struct {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) == 0 {
			f.add(key, "not_yaml", "write a YAML list: [{name: main, gateway: pstn}]", "请写成 YAML 列表：[{name: main, gateway: pstn}]")
			return
		}
		source := f.source[key]
		items := reader{file: source, f: f}.value(key, doc.Content[0], dst.Type())
		f.source[key] = source
		if list, ok := items.([]any); ok {
			put(dst, key, list, f)
		} else if items != nil {
			f.add(key, "not_a_list", "write a YAML list: [{name: main, gateway: pstn}]", "请写成 YAML 列表：[{name: main, gateway: pstn}]")
		}
		return
	}
	var parts []any
	for _, p := range strings.Split(text, ";") {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	put(dst, key, parts, f)
}
