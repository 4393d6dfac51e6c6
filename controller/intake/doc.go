// Package intake reads number files (被叫文件): CSV, TXT and XLSX as customers really send them. It finds out by content
// what a file is, its encoding, its delimiter, its heading and the column with the numbers, normalises every number
// and hands the good rows on in blocks, the bad ones to a reject file with the reason.
//
// It owns the reading and the reasons. It streams: the memory it takes does not depend on the size of a CSV file. It
// must not know the database (a Sink stores the rows and finds the duplicates) nor where files are kept.
package intake

import (
	"context"
	"time"

	"waihu/controller/number"
	"waihu/models"
)

// Limits of number files.
const (
	MaxLine       = 64 << 10   // bytes of one row of text; a longer one is rejected
	MaxCell       = 4000       // bytes of one cell
	MaxRows       = 20_000_000 // lines of a file
	MaxQuoteLines = 32         // lines that one quoted cell may span
	DefaultBlock  = 5000       // rows handed to the sink at once
	previewRows   = 20
	sampleRows    = 200 // rows by which heading, delimiter and number column are guessed
)

// Options say how a file is to be read and where its rows go. The zero value guesses everything.
type Options struct {
	Encoding  string // "" or auto, utf-8, gb18030, big5, shift-jis, latin-1, utf-16le, utf-16be
	Delimiter string // "" or auto, else the delimiter itself, or comma, semicolon, tab, pipe
	Column    string // the number column: its heading, or its place from 1; "" = recognised

	Region         string // whose national numbers are understood, "" = number.HomeRegion
	Policy         number.Policy
	OrganizationID int64
	ListID         int64

	BlockRows int       // rows a block, 0 = DefaultBlock
	FromRow   int64     // rows up to this one (ContactList.ResumeRow) are stored already and passed over
	Counts    Counts    // what was counted up to FromRow
	Now       time.Time // for blacklist entries that expire
}

// Counts say what became of the rows so far: Rows = Valid + Duplicates + Blacklisted + Rejected.
type Counts struct {
	Rows        int64 `json:"rows"`  // rows with any content, the heading not counted
	Valid       int64 `json:"valid"` // stored
	Duplicates  int64 `json:"duplicates"`
	Blacklisted int64 `json:"blacklisted"`
	Rejected    int64 `json:"rejected"`
	ResumeRow   int64 `json:"resume_row"` // last line that is dealt with; an import goes on behind it
	Bytes       int64 `json:"bytes"`      // read so far
	Size        int64 `json:"size"`       // of the file, bytes
}

// Sink stores contacts. models/store implements it.
type Sink interface {
	// Blacklisted returns the entries that forbid any of the numbers, by number.
	Blacklisted(ctx context.Context, organizationID int64, numbers []string, now time.Time) (map[string]models.BlacklistEntry, error)
	// AppendContacts stores a block together with the list's counters and ResumeRow, in one transaction, and returns the
	// rows whose numbers the list had already. counters are totals that count the whole block as valid; the block's
	// duplicates are the sink's to move. A last call without contacts carries the final totals.
	AppendContacts(ctx context.Context, listID int64, contacts []models.Contact, counters models.ContactList) (duplicateRows []int64, err error)
}

// Rejected is a row that was not stored, and why.
type Rejected struct {
	Row    int64    `json:"row"`     // line of the file, from 1
	Code   string   `json:"code"`    // stable
	Text   string   `json:"text"`    // English
	TextZH string   `json:"text_zh"` // 中文
	Fields []string `json:"fields"`  // as they stood in the file
}

// RejectWriter takes rejected rows. Flush is called before the block they are from is stored, so that nothing is stored whose
// rejects are lost, and at the end.
type RejectWriter interface {
	Reject(Rejected) error
	Flush() error
}

// Codes of rejected rows, besides those of package number.
const (
	CodeColumns     = "too_many_columns"
	CodeLineLength  = "line_too_long"
	CodeCellLength  = "cell_too_long"
	CodeControl     = "control_characters"
	CodeQuote       = "quote_not_closed"
	CodeNoColumn    = "column_missing"
	CodeDuplicate   = "duplicate"
	CodeBlacklisted = "blacklisted"
	CodePrefix      = "prefix_too_short"
)

// Codes of files that are refused as a whole.
const (
	CodeEmpty            = "file_empty"
	CodeBinary           = "file_binary"
	CodeXLS              = "file_xls"
	CodeZip              = "file_zip"
	CodeBomb             = "file_unpacks_too_large"
	CodeXLSX             = "file_xlsx_damaged"
	CodeRows             = "file_too_many_rows"
	CodeEncoding         = "encoding_unknown"
	CodeDelimiter        = "delimiter_unknown"
	CodeColumnUnknown    = "column_unknown"
	CodeColumnNotFound   = "column_not_recognised"
	CodeResume           = "resume_changed"
	fieldFile            = "file"
	fieldColumn          = "column"
	fieldEncoding        = "encoding"
	fieldDelimiter       = "delimiter"
	formatText, formatXL = "csv", "xlsx"
)

// Message is a remark on a file that was accepted.
type Message struct {
	Code   string `json:"code"`
	Text   string `json:"text"`
	TextZH string `json:"text_zh"`
}
