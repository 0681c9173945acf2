import com.algorithmia.AlgorithmException;
import com.google.gson.GsonBuilder;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/** What the client made of each step. */
class Seen {
	private final Map<String, Object> seen = new LinkedHashMap<>();

	void see(String name, Callable<Object> step) {
		try {
			seen.put(name, step.call());
		} catch (AlgorithmException error) {
			seen.put(name, thrown(error, error.stacktrace));
		} catch (Exception error) {
			seen.put(name, thrown(error, null));
		}
	}

	/** Prints it as JSON and ends the program, which the client's threads would keep. */
	void show() {
		String json = new GsonBuilder().serializeNulls().create().toJson(seen);
		new PrintStream(System.out, true, StandardCharsets.UTF_8).print(json);
		System.exit(0);
	}

	private static Map<String, Object> thrown(Exception error, String stacktrace) {
		Map<String, Object> shown = new LinkedHashMap<>();
		shown.put("thrown", error.getClass().getSimpleName());
		shown.put("message", error.getMessage());
		shown.put("stacktrace", stacktrace);
		return shown;
	}
}
