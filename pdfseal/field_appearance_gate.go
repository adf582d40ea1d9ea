package pdfseal

import (
	"errors"
	"strconv"
)

// needAppearances judges a form that asks readers to draw its fields themselves (/NeedAppearances). The first seal drops the request, or
// readers would draw over the seal as well, and brings the appearances that are missing or show something else than the value: everybody
// then sees what stands in the file. A field for which none can be made would vanish, and sealing is refused. So it is where earlier
// seals forbid to change the form.
func (g *gate) needAppearances(fields []field) error {
	earlier, err := findCandidates(g.file)
	if err != nil {
		return err
	}
	if len(earlier) > 0 {
		g.add(Finding{Rule: "P1", Level: LevelRefuse, Key: FindingNeedAppsSealed, Detail: "/NeedAppearances true in a sealed document"})
		return nil
	}
	drawings, err := drawFields(g.file, fields)
	var bad *fieldError
	switch {
	case errors.As(err, &bad) && bad.missing != "":
		g.add(Finding{Rule: "P1", Level: LevelRefuse, Key: FindingFieldCharacters, Detail: "/NeedAppearances true, and " + bad.Error(),
			Data: map[string]string{"field": bad.field, "characters": spelled(bad.missing)}})
		return nil
	case errors.As(err, &bad):
		g.add(Finding{Rule: "P1", Level: LevelRefuse, Key: FindingFieldUndrawn, Detail: "/NeedAppearances true, and " + bad.Error(),
			Data: map[string]string{"field": bad.field}})
		return nil
	case err != nil:
		return err
	}
	g.inv.drawings = drawings
	count := strconv.Itoa(len(drawings.out))
	g.add(Finding{Rule: "P1", Level: LevelWarn, Key: FindingNeedAppearances, Detail: "/NeedAppearances true; appearances written: " + count,
		Data: map[string]string{"count": count}})
	return nil
}
