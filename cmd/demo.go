package cmd

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"waihu/models"
)

func newDemo(a *app) *cobra.Command {
	var dir string
	var numbers int
	c := &cobra.Command{
		Use:   "demo",
		Short: a.t("Run a sample mass call on the embedded database and a simulated switch", "在内置数据库和模拟交换机上运行示例群呼"),
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), dir, numbers) },
	}
	c.Flags().StringVar(&dir, "data", filepath.Join("data", "demo"), a.t("folder for the sample files and the results", "示例文件与结果的目录"))
	c.Flags().IntVar(&numbers, "numbers", 500, a.t("numbers in the sample list", "示例名单的号码数"))
	return c
}

// demo makes a list and a voice file such as a customer would bring, and calls them all.
func (a *app) demo(ctx context.Context, dir string, numbers int) error {
	if numbers < 1 || numbers > 1_000_000 {
		return models.NewError(models.Invalid, "--numbers", "range", "use 1 to 1000000", "请填写 1 到 1000000")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder of the demonstration (--data): %w", err)
	}
	f := broadcastFlags{
		list: filepath.Join(dir, "numbers.csv"), audio: filepath.Join(dir, "notice.wav"), blacklist: filepath.Join(dir, "blacklist.txt"),
		out: filepath.Join(dir, "results.csv"), rejects: filepath.Join(dir, "rejects.csv"), report: filepath.Join(dir, "switch-report.json"),
		mode: string(models.ModeVoiceKey), agentKey: "1", optOutKey: "9", retries: 1, concurrency: 100, simulate: true, speed: 60, seed: 1,
	}
	for path, write := range map[string]func(io.Writer) error{
		f.list:      func(w io.Writer) error { return sampleList(w, numbers) },
		f.audio:     sampleVoice,
		f.blacklist: func(w io.Writer) error { _, err := io.WriteString(w, sampleNumber(7)+"\n"); return err },
	} {
		if err := writeFile(path, write); err != nil {
			return err
		}
	}
	a.say("%d numbers, one of them on the blacklist; key 1 leads to an agent, key 9 opts out; time runs %gx", "%d 个号码，其中一个在黑名单；按 1 转人工，按 9 退订；时间 %g 倍速", numbers, f.speed)
	if err := a.broadcast(ctx, f); err != nil {
		return err
	}
	a.say("turned away: %s; what the simulated switch saw: %s", "被拒行：%s；模拟交换机的记录：%s", f.rejects, f.report)
	return nil
}

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
func sampleList(w io.Writer, n int) error {
	out := csv.NewWriter(w)
	names := []string{"王芳", "李伟", "张敏", "刘洋", "陈静", "杨磊"}
	rows := [][]string{{"姓名", "手机", "城市"}}
	for i := range n {
		number := sampleNumber(i)
		switch i % 10 {
		case 3:
			number = "+86 " + number
		case 6:
			number = number[:3] + "-" + number[3:7] + "-" + number[7:]
		}
		rows = append(rows, []string{names[i%len(names)], number, "深圳"})
	}
	rows = append(rows, []string{"重复", sampleNumber(0), "深圳"}, []string{"报警电话", "110", ""}, []string{"写错的", "1380013800O", ""})
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the sample list: %w", err)
	}
	return nil
}

// sampleVoice is a chime of four notes, 8 kHz, 16 bits, mono.
func sampleVoice(w io.Writer) error {
	const rate = 8000
	var data bytes.Buffer
	for _, hz := range []float64{523.25, 659.25, 783.99, 1046.5} {
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
