package main

// reviewedSQL lists "file function" of models/store whose SQL is put together at run time, from constants and
// placeholders only (TestSQLIsConstant).
var reviewedSQL = []string{
	"schema_web.go addColumn",    // names are constants of the steps
	"multi.go setRows",           // table and columns are constants of its callers
	"hours.go write",             // constants and placeholders
	"import.go loadContacts",     // the name of the reader is a UUID
	"campaigns.go campaignState", // the lock clause of the dialect
	"rows.go first",              // conditions and columns are constants of their callers
	"rows.go list",
	"rows.go update",
	"rows.go usedBy",
	"desk_rows.go versioned", // columns are constants of its callers
	"desk_rows.go usedByQueue",
	"lease.go AcquireLease", // words of the dialect
	"blacklist.go addBlacklist",
	"web.go SaveSession",          // words of the dialect
	"web.go Decide",               // the table is one of three constants
	"schema_pages.go createIndex", // names and columns are constants of the steps
	"schema_results.go fillLast",  // constants, and the keys of a telephone
	"result_pages.go next",        // a constant, repeated
	"pages.go AttemptPage",        // constants and placeholders, and an index by its constant name
	"result_pages.go values",      // its callers' constants
}
