// The receiver for OTLP of the OpenTelemetry Collector, which shows what it got last to Prometheus, under the names that Prometheus
// makes of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

const loopback = "127.0.0.1:0"

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

// Serves until its input ends.
func run() error {
	var page atomic.Value
	page.Store("")
	endpoint, err := receive(func(_ context.Context, metrics pmetric.Metrics) error {
		text, err := written(metrics)
		if err == nil {
			page.Store(text)
		}
		return err
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", loopback)
	if err != nil {
		return err
	}
	go func() {
		log.Fatal(http.Serve(listener, http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
			answer.Header().Set("Content-Type", "text/plain; version=0.0.4")
			fmt.Fprint(answer, page.Load())
		})))
	}()
	fmt.Printf("otlp=http://%s/v1/metrics\npage=%s\n", endpoint, listener.Addr())
	_, err = os.Stdin.Read(make([]byte, 1))
	if err != nil && err.Error() == "EOF" {
		return nil
	}
	return err
}

// Starts the Collector's receiver, and returns its address.
func receive(take consumer.ConsumeMetricsFunc) (string, error) {
	factory := otlpreceiver.NewFactory()
	metrics, err := consumer.NewMetrics(take)
	if err != nil {
		return "", err
	}
	settings := receiver.Settings{
		ID:                component.NewID(factory.Type()),
		TelemetrySettings: componenttest.NewNopTelemetrySettings(),
	}
	// It does not say which port the system chose, so one is chosen here; should another program take it first, then the next.
	var failed error
	for range 5 {
		free, err := net.Listen("tcp", loopback)
		if err != nil {
			return "", err
		}
		endpoint := free.Addr().String()
		free.Close()
		config := factory.CreateDefaultConfig()
		protocols := map[string]any{"http": map[string]any{"endpoint": endpoint}}
		if err := confmap.NewFromStringMap(map[string]any{"protocols": protocols}).Unmarshal(config); err != nil {
			return "", err
		}
		started, err := factory.CreateMetrics(context.Background(), settings, config, metrics)
		if err != nil {
			return "", err
		}
		if failed = started.Start(context.Background(), componenttest.NewNopHost()); failed == nil {
			return endpoint, nil
		}
	}
	return "", failed
}

// The text that Prometheus scrapes.
func written(metrics pmetric.Metrics) (string, error) {
	var text strings.Builder
	namer := otlptranslator.NewMetricNamer("", otlptranslator.UnderscoreEscapingWithSuffixes)
	for _, resource := range metrics.ResourceMetrics().All() {
		for _, scope := range resource.ScopeMetrics().All() {
			for _, metric := range scope.Metrics().All() {
				described := otlptranslator.Metric{Name: metric.Name(), Unit: metric.Unit()}
				var points pmetric.NumberDataPointSlice
				switch metric.Type() {
				case pmetric.MetricTypeGauge:
					described.Type = otlptranslator.MetricTypeGauge
					points = metric.Gauge().DataPoints()
				case pmetric.MetricTypeSum:
					sum := metric.Sum()
					if !sum.IsMonotonic() || sum.AggregationTemporality() != pmetric.AggregationTemporalityCumulative {
						return "", errors.New(metric.Name() + " is no counter as Prometheus wants it")
					}
					described.Type = otlptranslator.MetricTypeMonotonicCounter
					points = sum.DataPoints()
				default:
					return "", errors.New(metric.Name() + " is of no type that is expected")
				}
				name, err := namer.Build(described)
				if err != nil {
					return "", err
				}
				for _, point := range points.All() {
					fmt.Fprintf(&text, "%s{%s} %s\n", name, labels(point.Attributes()), value(point))
				}
			}
		}
	}
	return text.String(), nil
}

var escape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

func labels(attributes pcommon.Map) string {
	var labels []string
	for name, value := range attributes.All() {
		labels = append(labels, fmt.Sprintf(`%s="%s"`, name, escape.Replace(value.AsString())))
	}
	return strings.Join(labels, ",")
}

func value(point pmetric.NumberDataPoint) string {
	if point.ValueType() == pmetric.NumberDataPointValueTypeInt {
		return fmt.Sprint(point.IntValue())
	}
	return fmt.Sprint(point.DoubleValue())
}
