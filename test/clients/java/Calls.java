import com.algorithmia.Algorithmia;
import com.algorithmia.AlgorithmException;
import com.algorithmia.AlgorithmiaClient;
import com.algorithmia.TypeToken;
import com.algorithmia.algo.AlgoResponse;
import com.algorithmia.algo.Algorithm;
import com.algorithmia.algo.Algorithm.AlgorithmOutputType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Calls algorithms as users of the client do; the address and the key come from the environment. */
public class Calls {
	static final AlgorithmiaClient client = Algorithmia.client();

	public static void main(String[] arguments) {
		Seen seen = new Seen();
		seen.see("text", () -> shown(echo().pipe("foo")));
		seen.see("object", () -> shown(echo().pipe(Map.of("foo", Arrays.asList(1, null, "bar")))));
		seen.see("null", () -> shown(client.algo("wire/Seen").pipe(null)));
		seen.see("pipeJson", () -> shown(echo().pipeJson("[1, \"a\"]")));
		seen.see("nothing returned", () -> shown(client.algo("wire/Result").pipe("void")));
		seen.see("bytes", () -> {
			byte[] bytes = echo().pipe(new byte[] {0, -1}).as(new TypeToken<byte[]>() {});
			return Base64.getEncoder().encodeToString(bytes);
		});
		seen.see("as a list", () -> client.algo("algo://WebPredict/ListAnagrams/0.1.0")
			.pipe(List.of("transformer", "terraforms", "retransform"))
			.as(new TypeToken<List<String>>() {}));
		seen.see("as a number", () -> client.algo("docs/JavaAddOne").pipe(41).as(new TypeToken<Integer>() {}));
		seen.see("asString", () -> client.algo("algo://demo/Hello/0.1.1").pipe("HAL 9000").asString());
		seen.see("asJsonString", () -> echo().pipeJson("{\"a\":[1]}").asJsonString());
		seen.see("unicode", () -> echo().pipe("☎ Grüße, 世界 𝄞").asString());
		String large = "ü".repeat(4 << 20); // two bytes each, so 8 MiB
		seen.see("large", () -> large.equals(echo().pipe(large).asString()));
		seen.see("too large", () -> echo().pipe(large + large));
		seen.see("pipeAsync", () -> echo().pipeAsync(List.of(1)).get().asJsonString());
		seen.see("200 calls from 16 threads", () -> concurrently(200, 16));
		seen.see("a timeout", () -> client.algo("testing/Sleep").setTimeout(1L, TimeUnit.SECONDS).pipe(60).asString());
		seen.see("stdout", () -> client.algo("wire/Print").setStdout(true)
			.pipeJson("{\"lines\":[\"one\"]}").getMetadata().getStdout());
		seen.see("no stdout", () -> echo().pipe("foo").getMetadata().getStdout());
		seen.see("raw", () -> echo().setOutputType(AlgorithmOutputType.RAW).pipe("foo").getRawOutput());
		seen.see("void", () -> {
			var answer = echo().setOutputType(AlgorithmOutputType.VOID).pipe("foo").getAsyncResponse();
			return List.of(answer.getAsyncProtocol(), answer.getRequestId());
		});
		seen.see("output=default", () -> echo().setOutputType(AlgorithmOutputType.DEFAULT).pipe("foo").asString());
		seen.see("a failure", () -> client.algo("zeryx/raise_exception").pipe("").asString());
		seen.see("a wrong input", () -> client.algo("docs/JavaAddOne").pipe("one").asString());
		seen.see("no such algorithm", () -> client.algo("no/Such").pipe("foo"));
		seen.see("a wrong option", () -> echo().setOption("timeout", "0").pipe("foo"));
		seen.see("malformed JSON", () -> echo().pipeJson("{"));
		seen.see("an address with a slash", () -> Algorithmia
			.client("simabcd123", System.getenv("ALGORITHMIA_API") + "/")
			.algo("demo/Hello").pipe("foo").asString());
		seen.show();
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
}
