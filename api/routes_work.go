package api

// Work is what the resources of the work need of the rest of the program: campaigns, lists, results, calls, streams.
type Work struct{}

// workRoutes: campaigns, lists and uploads, results, attempts, calls, live data. coreRoutes has the rest.
func workRoutes(_ *Services) []route { return nil }
