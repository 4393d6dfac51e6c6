package script

import (
	"strconv"
	"strings"
)

// Bounds of an expansion. FreeSWITCH only knows the depth; without the others two lines of dialplan could eat all memory.
const (
	maxExpandDepth = 100
	maxExpandNames = 4096
	maxExpandBytes = 1 << 20
)

// Expand replaces ${name} by the value that vars tells, as FreeSWITCH does when an application runs: nested names, names
// inside values, ${name:offset:length}, ${name[index]} of an ARRAY::a|:b, \$ for a dollar. Unknown names and function
// calls such as ${strftime(%Y)} become "".
func Expand(s string, vars func(string) (string, bool)) string {
	if !expandable(s) {
		return s
	}
	e := expander{vars: vars}
	return e.expand(s, 0)
}

// expandable reports whether s has anything to expand or unescape.
func expandable(s string) bool {
	if strings.Contains(s, "${") {
		return true
	}
	for i := strings.IndexByte(s, '\\'); i >= 0 && i+1 < len(s); i++ {
		switch s[i+1] {
		case '\\', 'n', 's', '\'':
			return true
		}
		next := strings.IndexByte(s[i+1:], '\\')
		if next < 0 {
			return false
		}
		i += next
	}
	return false
}

type expander struct {
	vars  func(string) (string, bool)
	names int
	bytes int
}

func (e *expander) expand(s string, depth int) string {
	if depth > maxExpandDepth || !expandable(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s) && e.bytes < maxExpandBytes; {
		if n := escape(&b, s[i:]); n > 0 {
			i += n
			continue
		}
		start := i
		if strings.HasPrefix(s[i:], "$${") {
			start++
		}
		if !strings.HasPrefix(s[start:], "${") {
			b.WriteByte(s[i])
			i++
			continue
		}
		end, next := closing(s, start+2)
		value := e.value(s[start+2:end], depth)
		e.bytes += len(value)
		b.WriteString(value)
		i = next
		// FreeSWITCH copies the character behind a variable without looking at it, unless it is a dollar.
		if i < len(s) && s[i] != '$' {
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String()
}

// escape writes the meaning of an escape at the beginning of s and returns its length, 0 when there is none.
func escape(b *strings.Builder, s string) int {
	if len(s) < 2 || s[0] != '\\' {
		return 0
	}
	switch s[1] {
	case '$':
		b.WriteByte('$')
		if len(s) > 2 && s[2] == '$' {
			return 3
		}
		return 2
	case '\'':
		return 2
	case '\\':
		b.WriteByte('\\')
		return 2
	}
	return 0
}

// closing finds the brace that closes the name which begins at i: the name's end and where reading goes on.
func closing(s string, i int) (end, next int) {
	depth := 1
	for j := i; j < len(s); j++ {
		switch s[j] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return j, j + 1
			}
		}
	}
	return len(s), len(s)
}

func (e *expander) value(name string, depth int) string {
	if e.names++; e.names > maxExpandNames || strings.ContainsAny(name, " (") {
		return ""
	}
	name = e.expand(name, depth+1)
	name, offset, length := cutRange(name)
	index := -1
	if open := strings.IndexByte(name, '['); open >= 0 && strings.IndexByte(name[open:], ']') > 0 {
		index = leadingInt(name[open+1:])
		name = name[:open]
	}
	value, ok := e.vars(name)
	if !ok {
		return ""
	}
	if index >= 0 {
		value = element(value, index)
	}
	return slice(e.expand(value, depth+1), offset, length)
}

func cutRange(name string) (string, int, int) {
	name, rest, found := strings.Cut(name, ":")
	if !found {
		return name, 0, 0
	}
	offset, length, _ := strings.Cut(rest, ":")
	return name, leadingInt(offset), leadingInt(length)
}

func element(value string, index int) string {
	list, ok := strings.CutPrefix(value, "ARRAY::")
	if !ok {
		return value
	}
	parts := strings.Split(list, "|:")
	if index >= len(parts) {
		return ""
	}
	return parts[index]
}

func slice(value string, offset, length int) string {
	switch {
	case offset > len(value):
		return ""
	case offset >= 0:
		value = value[offset:]
	case -offset <= len(value):
		value = value[len(value)+offset:]
	}
	if length > 0 && length < len(value) {
		value = value[:length]
	}
	return value
}

// leadingInt reads the integer at the beginning of s, 0 when there is none.
func leadingInt(s string) int {
	s = strings.TrimLeft(s, " \t")
	end := 0
	for end < len(s) && end < 9 && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	if err != nil {
		return 0
	}
	return n
}
