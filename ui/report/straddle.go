package report

import "sealdesk/pdfseal"

// Straddle says where a whole straddle seal stands: pages, edge, place along the edge and width of the slices.
func Straddle(t Translator, g pdfseal.StraddleGroup) string {
	key := "straddle.group.side"
	if g.Edge == pdfseal.EdgeTop || g.Edge == pdfseal.EdgeBottom {
		key = "straddle.group.end"
	}
	return t.T(key, map[string]string{"Pages": pdfseal.PageList(g.Pages), "Edge": t.T("edge."+string(g.Edge), nil),
		"Centre": millimetres(g.Centre), "Width": millimetres(g.Width)})
}
