package doctor

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxOffset is how far clocks may be apart: events carry the switch's time, the lease the database's.
const maxOffset = 2 * time.Second

func checkDatabase(ctx context.Context, c Config) Check {
	const name = "database"
	d, err := c.Database(ctx)
	if err != nil {
		return found(name, Fail, "cannot be used: %v", "无法使用：%v", err).
			mend("start it, or correct database.driver and database.dsn", "请启动数据库，或修正 database.driver 与 database.dsn")
	}
	offset := d.Now.Sub(c.Now()).Round(time.Millisecond)
	switch {
	case d.Unknown > 0:
		return found(name, Fail, "%s was changed by a newer version (%d steps this one does not know)", "%s 已被更新的版本修改（%d 步未知）", d.Name, d.Unknown).
			mend("run the newer version of waihu, or restore a backup", "请运行更新的版本，或恢复备份")
	case d.Pending > 0 && d.Fresh:
		return found(name, OK, "%s will be made ready at the first start", "%s 将在首次启动时建好", d.Name)
	case d.Pending > 0:
		return found(name, Fail, "%s lacks %d migrations", "%s 缺少 %d 步迁移", d.Name, d.Pending).
			mend("waihu migrate up", "waihu migrate up")
	case offset.Abs() > maxOffset:
		return found(name, Warn, "%s is ready, but its clock is off by %v", "%s 可用，但时钟相差 %v", d.Name, offset).
			mend("let NTP set the clocks of both machines", "请用 NTP 校准两台机器的时钟")
	default:
		return found(name, OK, "%s is reachable and migrated", "%s 可用且已迁移", d.Name)
	}
}

// checkFolders looks whether we may write where we must.
func checkFolders(c Config) []Check {
	folders := []struct{ key, path string }{{"data_dir", c.DataDir}, {"sounds_dir", c.SoundsDir}}
	if !c.XMLCurl {
		folders = append(folders, struct{ key, path string }{"switch.dialplan_dir", c.DialplanDir})
	}
	var checks []Check
	for _, f := range folders {
		err := os.MkdirAll(f.path, 0o755) // as the daemon would at its first start
		probe := ""
		if err == nil {
			probe, err = writeProbe(f.path)
		}
		if err != nil {
			checks = append(checks, found(f.key, Fail, "cannot write in %s: %v", "无法写入 %s：%v", f.path, err).
				mend("mkdir -p %[1]s and give it to the user that runs waihu, or set %[2]s", "请创建 %[1]s 并授权给运行 waihu 的用户，或修改 %[2]s", f.path, f.key))
			continue
		}
		os.Remove(probe)
		checks = append(checks, found(f.key, OK, "%s can be written", "%s 可写", f.path))
	}
	return checks
}

// writeProbe creates a small file in a folder and returns its path.
func writeProbe(dir string) (string, error) {
	f, err := os.CreateTemp(dir, "waihu-doctor-*.tmp")
	if err != nil {
		return "", err
	}
	if _, err := f.WriteString("waihu doctor\n"); err != nil {
		f.Close()
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), f.Close()
}

// checkPrompts looks whether staff numbers, places in a queue and "press 1 to accept" can be said. A queue that says them is
// not published without their files.
func checkPrompts(c Config) Check {
	const name, named = "prompts", 5
	missing := c.MissingPrompts()
	n := len(missing)
	switch {
	case n == 0:
		return found(name, OK, "all %d are in %s", "%d 个提示音齐全：%s", c.Prompts, c.SoundsDir)
	case n == c.Prompts:
		return found(name, OK, "%d will be put into %s at the first start", "首次启动时将放入 %d 个提示音：%s", n, c.SoundsDir)
	}
	list := strings.Join(missing[:min(n, named)], ", ")
	if n > named {
		list += " …"
	}
	return found(name, Warn, "%d of %d are missing or empty in %s: %s", "%[3]s 中缺少 %[1]d 个提示音（共 %[2]d 个）或为空：%[4]s", n, c.Prompts, c.SoundsDir, list).
		mend("restart waihu, which puts missing ones there, or copy your own files of these names into the folder prompts", "请重启 waihu（会自动补齐），或将同名文件放入 prompts 目录")
}

func checkDisk(c Config) Check {
	const name, low, empty = "disk", 2 << 30, 256 << 20
	dir := c.DataDir
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	free, total, err := diskFree(dir)
	if err != nil {
		return found(name, Skip, "free space of %s is not known: %v", "无法得知 %s 的剩余空间：%v", dir, err)
	}
	const gib = 1 << 30
	text, textZH := "%.1f of %.1f GiB are free at %s", "剩余 %.1f GiB，共 %.1f GiB：%s"
	args := []any{float64(free) / gib, float64(total) / gib, dir}
	switch {
	case free < empty:
		return found(name, Fail, text, textZH, args...).mend("free some space: below 256 MiB nothing can be recorded or saved", "请清理空间：低于 256 MiB 无法录音或保存")
	case free < low:
		return found(name, Warn, text, textZH, args...).mend("free some space or move data_dir", "请清理空间或移动 data_dir")
	default:
		return found(name, OK, text, textZH, args...)
	}
}

// checkZones looks whether time zones can be told; without them calling windows would be read in UTC.
func checkZones(c Config) Check {
	for _, zone := range []string{c.Zone, "Asia/Shanghai", "America/New_York", "Europe/London"} {
		if _, err := time.LoadLocation(zone); err != nil {
			return found("time zones", Fail, "zone %s is not known: %v", "未知时区 %s：%v", zone, err).
				mend("install tzdata, or correct calling.zone", "请安装 tzdata，或修正 calling.zone")
		}
	}
	return found("time zones", OK, "known; calls go by %s", "可用；呼叫时段按 %s", c.Zone)
}

func checkFFmpeg(ctx context.Context, c Config) Check {
	if c.FFmpeg == nil {
		return found("ffmpeg", Skip, "voice.ffmpeg is empty: only plain WAV is taken", "voice.ffmpeg 为空：只接受普通 WAV")
	}
	version, err := c.FFmpeg(ctx)
	if err != nil {
		return found("ffmpeg", Warn, "not usable (%v): MP3 and unusual WAV are refused", "不可用（%v）：MP3 和特殊 WAV 会被拒绝", err).
			mend("apt-get install ffmpeg, or set voice.ffmpeg to its path", "请 apt-get install ffmpeg，或将 voice.ffmpeg 设为其路径")
	}
	return found("ffmpeg", OK, "%s", "%s", version)
}
