package worker

// LimitProcess binds the test's own worker.
var LimitProcess = limitProcess
