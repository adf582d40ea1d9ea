package job

import "fmt"

// Error is a situation that stops a job before the PIN is asked. Key selects the sentence in ui/explain; Err, if any, is for the log.
type Error struct {
	Key  string // an entry of the table of ui/explain, such as "job.no_seal"
	Data map[string]string
	Err  error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("job: %s: %v", e.Key, e.Err)
	}
	return "job: " + e.Key
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.Err }

// Situation implements explain.Situation.
func (e *Error) Situation() (key string, data map[string]string) { return e.Key, e.Data }

func situation(key string, err error, pairs ...string) *Error {
	data := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i]] = pairs[i+1]
	}
	if err != nil {
		data["Detail"] = err.Error()
	}
	return &Error{Key: key, Data: data, Err: err}
}
