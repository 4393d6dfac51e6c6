// Package freeswitchconf is the overlay that a stock FreeSWITCH 1.10 loads to work with Waihu, and its installer. There is
// no Go code in it but the tests that install it into a copy of a stock configuration and hold its files to the rules of
// FreeSWITCH's preprocessor. It must not contain anything that edits an operator's own files.
package freeswitchconf
