import com.algorithmia.Algorithmia;
import com.algorithmia.AlgorithmiaClient;

/** Calls with one key and another. */
public class Keys {
	public static void main(String[] arguments) {
		Seen seen = new Seen();
		seen.see("right", () -> hello(Algorithmia.client(System.getenv("ALGORITHMIA_API_KEY"))));
		seen.see("wrong", () -> hello(Algorithmia.client("simWRONGwrongWRONGwrongWRONG")));
		seen.see("empty", () -> hello(Algorithmia.client("")));
		seen.see("of the environment", () -> hello(Algorithmia.client()));
		seen.see("of the environment, without a client", () -> Algorithmia.algo("demo/Hello").pipe("foo").asString());
		seen.show();
	}

	static String hello(AlgorithmiaClient client) throws Exception {
		return client.algo("demo/Hello").pipe("foo").asString();
	}
}
