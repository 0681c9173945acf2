import com.algorithmia.APIException;
import com.algorithmia.Algorithmia;
import com.algorithmia.AlgorithmException;
import com.algorithmia.AlgorithmiaClient;
import com.algorithmia.TypeToken;
import com.algorithmia.algo.AlgoResponse;
import com.algorithmia.algo.Algorithm;
import com.algorithmia.algo.Algorithm.AlgorithmOutputType;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Calls algorithms as users of the client do, and prints as JSON what came of each call. */
public class Calls {
	static final Gson JSON = new GsonBuilder().serializeNulls().create();
	static final AlgorithmiaClient client = Algorithmia.client();
	static final Map<String, Object> seen = new LinkedHashMap<>();

	public static void main(String[] arguments) {
		see("text", () -> shown(echo().pipe("foo")));
		see("object", () -> shown(echo().pipe(Map.of("foo", Arrays.asList(1, null, "bar")))));
		see("null", () -> shown(client.algo("wire/Seen").pipe(null)));
		see("pipeJson", () -> shown(echo().pipeJson("[1, \"a\"]")));
		see("nothing returned", () -> shown(client.algo("wire/Result").pipe("void")));
		see("bytes", () -> {
			byte[] bytes = echo().pipe(new byte[] {0, -1}).as(new TypeToken<byte[]>() {});
			return Base64.getEncoder().encodeToString(bytes);
		});
		see("as a list", () -> client.algo("algo://WebPredict/ListAnagrams/0.1.0")
			.pipe(List.of("transformer", "terraforms", "retransform"))
			.as(new TypeToken<List<String>>() {}));
		see("as a number", () -> client.algo("docs/JavaAddOne").pipe(41).as(new TypeToken<Integer>() {}));
		see("asString", () -> client.algo("algo://demo/Hello/0.1.1").pipe("HAL 9000").asString());
		see("asJsonString", () -> echo().pipeJson("{\"a\":[1]}").asJsonString());
		see("unicode", () -> echo().pipe("☎ Grüße, 世界 𝄞").asString());
		String large = "ü".repeat(4 << 20); // two bytes each, so 8 MiB
		see("large", () -> large.equals(echo().pipe(large).asString()));
		see("too large", () -> echo().pipe(large + large));
		see("pipeAsync", () -> echo().pipeAsync(List.of(1)).get().asJsonString());
		see("200 calls from 16 threads", () -> concurrently(200, 16));
		see("a timeout", () -> client.algo("testing/Sleep").setTimeout(1L, TimeUnit.SECONDS).pipe(60).asString());
		see("stdout", () -> client.algo("wire/Print").setStdout(true)
			.pipeJson("{\"lines\":[\"one\"]}").getMetadata().getStdout());
		see("no stdout", () -> echo().pipe("foo").getMetadata().getStdout());
		see("raw", () -> echo().setOutputType(AlgorithmOutputType.RAW).pipe("foo").getRawOutput());
		see("void", () -> {
			var answer = echo().setOutputType(AlgorithmOutputType.VOID).pipe("foo").getAsyncResponse();
			return List.of(answer.getAsyncProtocol(), answer.getRequestId());
		});
		see("output=default", () -> echo().setOutputType(AlgorithmOutputType.DEFAULT).pipe("foo").asString());
		see("a failure", () -> client.algo("zeryx/raise_exception").pipe("").asString());
		see("a wrong input", () -> client.algo("docs/JavaAddOne").pipe("one").asString());
		see("no such algorithm", () -> client.algo("no/Such").pipe("foo"));
		see("a wrong option", () -> echo().setOption("timeout", "0").pipe("foo"));
		see("malformed JSON", () -> echo().pipeJson("{"));
		see("an address with a slash", () -> Algorithmia
			.client("simabcd123", System.getenv("ALGORITHMIA_API") + "/")
			.algo("demo/Hello").pipe("foo").asString());
		new PrintStream(System.out, true, StandardCharsets.UTF_8).print(JSON.toJson(seen));
		System.exit(0); // the client's threads would keep the process
	}

	static Algorithm echo() {
		return client.algo("quality/echo");
	}

	static Object shown(AlgoResponse answer) throws AlgorithmException {
		Map<String, Object> shown = new LinkedHashMap<>();
		shown.put("result", answer.as(new TypeToken<Object>() {}));
		shown.put("content_type", answer.getMetadata().getContentType().toString());
		shown.put("duration", answer.getMetadata().getDuration());
		return shown;
	}

	static List<Integer> concurrently(int count, int threads) throws Exception {
		ExecutorService pool = Executors.newFixedThreadPool(threads);
		List<Future<Integer>> futures = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			int input = i;
			futures.add(pool.submit(() -> client.algo("docs/JavaAddOne").pipe(input).as(new TypeToken<Integer>() {})));
		}
		List<Integer> results = new ArrayList<>();
		for (Future<Integer> future : futures) results.add(future.get());
		return results;
	}

	static void see(String name, Callable<Object> step) {
		try {
			seen.put(name, step.call());
		} catch (AlgorithmException error) {
			seen.put(name, thrown(error, error.stacktrace));
		} catch (Exception error) {
			seen.put(name, thrown(error, null));
		}
	}

	static Map<String, Object> thrown(Exception error, String stacktrace) {
		Map<String, Object> shown = new LinkedHashMap<>();
		shown.put("thrown", error.getClass().getSimpleName());
		shown.put("message", error.getMessage());
		shown.put("stacktrace", stacktrace);
		return shown;
	}
}
