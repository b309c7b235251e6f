// Dashboard reads a dashboard by the types that Grafana publishes for it, strictly: a field that they do not know, a value that a field cannot have, and a
// required one that is missing are errors.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	if err := check(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check() error {
	if len(os.Args) != 2 {
		return errors.New("usage: dashboard FILE")
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	plugins.RegisterDefaultPlugins()
	read, err := parsed(text)
	if err != nil {
		return err
	}
	queries := 0
	for _, panel := range read.Panels {
		if panel.Panel == nil {
			return errors.New("a row, where only panels are expected")
		}
		queries += len(panel.Panel.Targets)
	}
	if err := areKnown(read.Panels); err != nil {
		return err
	}
	// A reader that takes anything says nothing: it must refuse a misspelt field of a panel, of its options, and of a query.
	for _, field := range []string{`"gridPos"`, `"displayMode"`, `"legendFormat"`} {
		misspelt := append([]byte(`"x`), field[1:]...)
		if _, err := parsed(bytes.ReplaceAll(text, []byte(field), misspelt)); err == nil {
			return fmt.Errorf("%s is taken for %s", misspelt, field)
		}
	}
	// And a panel of a kind that there is not, whose fields nobody reads.
	unknown, err := parsed(bytes.Replace(text, []byte(`"type": "timeseries"`), []byte(`"type": "no-such-panel"`), 1))
	if err == nil {
		err = areKnown(unknown.Panels)
	}
	if err == nil {
		return errors.New("a panel of the type no-such-panel is taken")
	}
	fmt.Printf("%d panels with %d queries are what Grafana's types allow\n", len(read.Panels), queries)
	return nil
}

// Whether each panel is of a kind that Grafana has; without that its options are not read.
func areKnown(panels []dashboard.PanelOrRowPanel) error {
	for _, panel := range panels {
		if _, isKnown := cog.ConfigForPanelcfgVariant(panel.Panel.Type); !isKnown {
			return fmt.Errorf("a panel of the type %q, which is none of Grafana's", panel.Panel.Type)
		}
	}
	return nil
}

func parsed(text []byte) (dashboard.Dashboard, error) {
	var strict, read dashboard.Dashboard
	err := strict.UnmarshalJSONStrict(text)
	// If nothing is wrong it returns a list of no errors, which is not nil, and leaves the panels out.
	if list := (cog.BuildErrors)(nil); errors.As(err, &list) && len(list) == 0 {
		err = nil
	}
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil {
		return read, err
	}
	return read, read.Validate()
}
