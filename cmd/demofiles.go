package cmd

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
)

func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("make a sample file: %w", err)
	}
	return errors.Join(write(file), file.Close())
}

// sampleNumber is a number of the sample list, spread over segments and endings.
func sampleNumber(i int) string {
	r := rand.New(rand.NewPCG(uint64(i), 8613))
	prefixes := []string{"138", "139", "150", "186", "189", "199"}
	return fmt.Sprintf("%s%08d", prefixes[r.IntN(len(prefixes))], r.IntN(1e8))
}

// sampleList has a heading, names, numbers in several spellings, a duplicate, and rows that are turned away.
func sampleList(w io.Writer, n int) error { return sampleRows(w, 0, n) }

// sampleRows is a sample list of n numbers from the given one on.
func sampleRows(w io.Writer, from, n int) error {
	out := csv.NewWriter(w)
	names := []string{"王芳", "李伟", "张敏", "刘洋", "陈静", "杨磊"}
	rows := [][]string{{"姓名", "手机", "城市"}}
	for i := from; i < from+n; i++ {
		number := sampleNumber(i)
		switch i % 10 {
		case 3:
			number = "+86 " + number
		case 6:
			number = number[:3] + "-" + number[3:7] + "-" + number[7:]
		}
		rows = append(rows, []string{names[i%len(names)], number, "深圳"})
	}
	rows = append(rows, []string{"重复", sampleNumber(from), "深圳"}, []string{"报警电话", "110", ""}, []string{"写错的", "1380013800O", ""})
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the sample list: %w", err)
	}
	return nil
}

// sampleVoice is a chime of four notes, 8 kHz, 16 bits, mono.
func sampleVoice(w io.Writer) error { return chime(w, 523.25, 659.25, 783.99, 1046.5) }

// chime is a WAV file of notes that fade, one second each.
func chime(w io.Writer, notes ...float64) error {
	const rate = 8000
	var data bytes.Buffer
	for _, hz := range notes {
		for i := range rate {
			fade := 1 - float64(i)/rate
			sample := int16(12000 * fade * math.Sin(2*math.Pi*hz*float64(i)/rate))
			data.Write(binary.LittleEndian.AppendUint16(nil, uint16(sample)))
		}
	}
	head := []byte("RIFF")
	head = binary.LittleEndian.AppendUint32(head, uint32(36+data.Len()))
	head = append(head, "WAVEfmt "...)
	for _, v := range []uint32{16, 1 | 1<<16, rate, rate * 2, 2 | 16<<16} {
		head = binary.LittleEndian.AppendUint32(head, v)
	}
	head = append(head, "data"...)
	head = binary.LittleEndian.AppendUint32(head, uint32(data.Len()))
	if _, err := w.Write(append(head, data.Bytes()...)); err != nil {
		return fmt.Errorf("write the sample voice file: %w", err)
	}
	return nil
}
