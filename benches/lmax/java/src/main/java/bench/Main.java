package bench;

import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;

/** Runs one workload twice, once to warm up, and prints what the second round came to as one line of JSON. */
public final class Main {
    private static final int LARGE = 64 * 1024;
    private static final int SMALL = 8 * 1024;

    private Main() {}

    /** The workload's name, and how many events. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            System.err.println("two arguments are needed: the workload's name, and how many events");
            System.exit(2);
        }
        String workload = arguments[0];
        long events = Long.parseLong(arguments[1]);
        run(workload, events);
        Outcome outcome = run(workload, events);
        System.out.println(String.format(
            Locale.ROOT,
            "{\"workload\":\"%s\",\"ring\":%d,\"events\":%d,\"seconds\":%.9f,\"ops_per_second\":%.1f,"
                + "\"checksum\":%s,\"handled\":%s,\"java\":\"%s\",\"disruptor\":\"%s\"}",
            workload,
            outcome.ring,
            events,
            outcome.seconds,
            events / outcome.seconds,
            Arrays.toString(outcome.checksum),
            Arrays.toString(outcome.handled),
            System.getProperty("java.version"),
            disruptorVersion()));
    }

    private static Outcome run(String workload, long events) throws Exception {
        switch (workload) {
            case "unicast":
                return new Stream(LARGE, 1, 1, Operation.ADD).run(events, new YieldingWaitStrategy());
            case "unicast-batch":
                return new Stream(LARGE, 1, 10, Operation.ADD).run(events, new YieldingWaitStrategy());
            case "multicast":
                return new Stream(SMALL, 1, 1, Operation.values()).run(events, new YieldingWaitStrategy());
            case "pipeline":
                return Pipeline.run(SMALL, events, new YieldingWaitStrategy());
            case "diamond":
                return Diamond.run(SMALL, events, new YieldingWaitStrategy());
            case "sequencer":
                return new Stream(LARGE, 3, 1, Operation.ADD).run(events, new BusySpinWaitStrategy());
            case "ping-pong":
                return PingPong.run(events, BlockingWaitStrategy::new);
            case "ping-pong-yield":
                return PingPong.run(events, YieldingWaitStrategy::new);
            default:
                throw new IllegalArgumentException("no workload is called " + workload);
        }
    }

    private static String disruptorVersion() throws Exception {
        Properties versions = new Properties();
        try (InputStream file = Main.class.getResourceAsStream("/versions.properties")) {
            versions.load(file);
        }
        return versions.getProperty("disruptor");
    }
}
