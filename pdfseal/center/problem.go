package center

import (
	"encoding/json"
	"errors"
	"fmt"
)

// problem is an error of the centre (RFC 9457), its texts cleaned and cut.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
}

// problem reads the body of an answer that is no success. Members that it
// does not know are passed over, as the RFC demands.
func (c *Client) problem(a answer) (problem, error) {
	var p problem
	b, err := c.read(a, problemType, maxProblem)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return problem{}, fmt.Errorf("problem document: %w", err)
	}
	p.Title, p.Code = printable(p.Title), printable(p.Code)
	if p.Code == "" || p.Status != a.StatusCode {
		return problem{}, errors.New("problem document without code or of another status")
	}
	return p, nil
}
