// Package store keeps everything that outlives the process: definitions, leads, the ledger of attempts, blacklists, counts.
//
// It owns the tables, their migrations and the floor lease, on SQLite (embedded) and on MySQL or MariaDB with the same
// meaning, and it is the only package that knows gorm. The promises "no lead and no number in two open attempts" and "a
// daemon that lost its lease writes nothing" hold by unique keys and by the lease's epoch, which is checked within each
// transaction of the ledger.
//
// It must not decide what is dialled, retried or shown: it gets such decisions as values and pure functions and makes them
// durable. It knows neither the controller nor the API.
package store
