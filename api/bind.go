package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"waihu/models"
)

// Paging of lists.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// listOf is the body of every list. Next is the cursor for ?after=, "" at the end.
type listOf[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// bind reads a JSON body strictly: the media type, one value, no unknown field. Faults are named by field.
func bind(c echo.Context, into any) error {
	kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationJSON {
		return refuse(http.StatusUnsupportedMediaType, "", "json_expected", "send the request as application/json", "请以 application/json 发送请求")
	}
	d := json.NewDecoder(c.Request().Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse(http.StatusBadRequest, "", "bad_json", "the body has more than one JSON value; send one", "请求体含有多个 JSON 值，请只发送一个")
	}
	return nil
}

func badJSON(err error) error {
	var wrong *json.UnmarshalTypeError
	var large *http.MaxBytesError
	var http4 *echo.HTTPError
	switch name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); {
	case unknown:
		name = strings.Trim(name, `"`)
		return refuse(http.StatusBadRequest, name, "unknown_field", "this field is not known here; leave it out or correct its name", "未知字段，请删除或更正名称")
	case errors.As(err, &wrong):
		return refuse(http.StatusBadRequest, wrong.Field, "wrong_type", "a "+wrong.Value+" does not fit here; see the description at /api/docs", "值的类型不对，请参阅 /api/docs")
	case errors.As(err, &large):
		return echo.ErrStatusRequestEntityTooLarge
	case errors.As(err, &http4):
		return err
	default:
		return refuse(http.StatusBadRequest, "", "bad_json", "the body is no JSON: "+err.Error(), "请求体不是有效的 JSON："+err.Error())
	}
}

// pathID reads a numeric path parameter; what is no id cannot be found.
func pathID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, models.NewError(models.NotFound, "id", "not_found", "there is nothing with this id; check it", "编号不存在，请检查")
	}
	return id, nil
}

// page reads ?limit= and the numeric ?after=.
func page(c echo.Context) (limit int, after int64, err error) {
	if limit, err = pageLimit(c); err != nil {
		return 0, 0, err
	}
	if v := c.QueryParam("after"); v != "" {
		if after, err = strconv.ParseInt(v, 10, 64); err != nil || after < 0 {
			return 0, 0, refuse(http.StatusBadRequest, "after", "bad_cursor", "use the cursor of the last answer", "请使用上次返回的游标")
		}
	}
	return limit, after, nil
}

// pageLimit reads ?limit=, 50 when it is left out.
func pageLimit(c echo.Context) (int, error) {
	v := c.QueryParam("limit")
	if v == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > maxLimit {
		return 0, refuse(http.StatusBadRequest, "limit", "out_of_range", fmt.Sprintf("use 1 to %d", maxLimit), fmt.Sprintf("请填写 1 到 %d", maxLimit))
	}
	return n, nil
}

// answerSome answers one page of a list that is wholly there and sorted by id.
func answerSome[T any](c echo.Context, all []T, id func(T) int64) error {
	limit, after, err := page(c)
	if err != nil {
		return err
	}
	out := listOf[T]{Items: []T{}}
	for _, v := range all {
		if id(v) <= after {
			continue
		}
		if len(out.Items) == limit {
			out.Next = strconv.FormatInt(id(out.Items[limit-1]), 10)
			break
		}
		out.Items = append(out.Items, v)
	}
	return c.JSON(http.StatusOK, out)
}

// answerPage answers a page that was read with the limit; a full one may have a next.
func answerPage[T any](c echo.Context, items []T, limit int, cursor func(T) string) error {
	out := listOf[T]{Items: items}
	if items == nil {
		out.Items = []T{}
	}
	if len(items) == limit && limit > 0 {
		out.Next = cursor(items[limit-1])
	}
	return c.JSON(http.StatusOK, out)
}

// ifMatch reads the version of If-Match: "3".
func ifMatch(c echo.Context) (int64, error) {
	raw := c.Request().Header.Get("If-Match")
	if raw == "" {
		return 0, refuse(http.StatusPreconditionRequired, "If-Match", "version_required", `say which version you changed: If-Match: "3"`, `请用 If-Match: "3" 说明所修改的版本`)
	}
	v, err := strconv.ParseInt(strings.Trim(raw, `"`), 10, 64)
	if err != nil {
		return 0, refuse(http.StatusBadRequest, "If-Match", "bad_version", `use the version as it was read: If-Match: "3"`, `请使用读取到的版本：If-Match: "3"`)
	}
	return v, nil
}

// filePart finds the part "file" of a multipart body without keeping the body; fields before it are given to field.
func filePart(c echo.Context, field func(name, value string)) (*multipart.Part, error) {
	r, err := c.Request().MultipartReader()
	if err != nil {
		return nil, refuse(http.StatusUnsupportedMediaType, "", "multipart_expected", "send the file as multipart/form-data", "请以 multipart/form-data 上传文件")
	}
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, models.NewError(models.Invalid, "file", "required", "choose a file", "请选择文件")
		}
		if err != nil {
			return nil, badUpload(err)
		}
		if part.FormName() == "file" {
			return part, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, 4096))
		if err != nil {
			return nil, badUpload(err)
		}
		field(part.FormName(), string(value))
	}
}

func badUpload(err error) error {
	var http4 *echo.HTTPError
	if errors.As(err, &http4) {
		return err
	}
	return refuse(http.StatusBadRequest, "file", "upload_broken", "the upload did not arrive whole; try again", "上传不完整，请重试")
}
