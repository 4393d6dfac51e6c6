package api

import (
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// unbuilt is shown while the binary holds no web application.
const unbuilt = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Waihu 外呼</title></head>
<body>
<main>
<h1>Waihu 外呼</h1>
<p>The daemon runs, but this binary was built without the web interface. Everything can be done from the shell:</p>
<pre>waihu --help</pre>
<p>To build the interface (Node.js 20 or newer), then the binary again:</p>
<pre>cd frontend &amp;&amp; npm ci &amp;&amp; npm run build &amp;&amp; cd .. &amp;&amp; go build .</pre>
<hr>
<p lang="zh">守护进程正在运行，但此程序未包含网页界面。所有功能都可以在命令行中使用：<code>waihu --help --lang zh</code></p>
<p lang="zh">构建界面（需 Node.js 20 或更新版本）后重新构建程序：<code>cd frontend &amp;&amp; npm ci &amp;&amp; npm run build &amp;&amp; cd .. &amp;&amp; go build .</code></p>
</main>
</body>
</html>
`

// smallest file that is worth compressing, in bytes.
const smallest = 1400

// compressed gzips what it serves for browsers that take it. It is only for the files of the application: answers of the API
// may hold secrets beside what an attacker wrote, and streams must not be held back.
func compressed(next echo.HandlerFunc) echo.HandlerFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{MinLength: smallest})(next)
}

// site serves the built application; a path that is no file is a page of the application itself (index.html). Names of
// files carry a hash of their content, so they may be kept.
func site(files fs.FS) echo.HandlerFunc {
	return func(c echo.Context) error {
		if files == nil {
			return c.HTML(http.StatusOK, unbuilt)
		}
		if _, err := fs.Stat(files, "index.html"); err != nil {
			return c.HTML(http.StatusOK, unbuilt)
		}
		name := strings.TrimPrefix(path.Clean("/"+c.Param("*")), "/")
		info, err := fs.Stat(files, name)
		switch {
		case err == nil && !info.IsDir() && name != "index.html":
			if strings.HasPrefix(name, "assets/") {
				c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			}
		case strings.HasPrefix(name, "assets/"), strings.HasPrefix(name, "api/"):
			return echo.ErrNotFound
		default:
			name = "index.html"
		}
		http.ServeFileFS(c.Response(), c.Request(), files, name)
		return nil
	}
}
