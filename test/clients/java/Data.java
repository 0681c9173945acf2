import com.algorithmia.Algorithmia;
import com.algorithmia.AlgorithmiaClient;
import com.algorithmia.data.DataAcl;
import com.algorithmia.data.DataDirectory;
import com.algorithmia.data.DataFile;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Keeps data as users of the client do, in collections of its own; each step goes on from the last. */
public class Data {
	static final AlgorithmiaClient client = Algorithmia.client(System.getenv("ALGORITHMIA_API_KEY"));
	static final DataDirectory robots = client.dir("data://.my/java_robots");
	static final DataDirectory crowd = client.dir("data://.my/java_crowd");

	public static void main(String[] arguments) {
		byte[] large = new byte[20 << 20];
		new Random(1).nextBytes(large);
		Seen seen = new Seen();
		seen.see("exists, before", robots::exists);
		seen.see("create", () -> {
			robots.create();
			return robots.exists();
		});
		seen.see("create again", () -> {
			robots.create();
			return null;
		});
		seen.see("text", () -> {
			robots.file("text.txt").put("Grüße, 世界\n");
			return robots.file("text.txt").getString();
		});
		seen.see("bytes", () -> {
			robots.file("a.bin").put(new byte[] {0, -1});
			return robots.file("a.bin").getBytes();
		});
		seen.see("stream", () -> {
			robots.file("stream.bin").put(new ByteArrayInputStream(large));
			return Arrays.equals(robots.file("stream.bin").getBytes(), large);
		});
		seen.see("file", () -> {
			File file = File.createTempFile("applyd", ".txt");
			Files.writeString(file.toPath(), "from a file");
			DataFile stored = robots.putFile(file);
			String content = Files.readString(stored.getFile().toPath());
			stored.delete();
			return content;
		});
		seen.see("names", () -> {
			List<String> contents = new ArrayList<>();
			for (String name : List.of("a b.txt", "a+b.txt", "ü世.txt")) {
				robots.file(name).put(name);
				contents.add(robots.file(name).getString());
			}
			return contents;
		});
		seen.see("file exists", () -> robots.file("text.txt").exists());
		seen.see("file does not exist", () -> robots.file("none").exists());
		seen.see("get what is not there", () -> robots.file("none").getString());
		seen.see("put into what is not there", () -> {
			client.file("data://.my/java_none/a").put("a");
			return null;
		});
		seen.see("files", () -> names(robots));
		seen.see("dirs", () -> {
			List<String> names = new ArrayList<>();
			for (DataDirectory directory : client.dir("data://.my").dirs()) names.add(directory.getName());
			return names;
		});
		seen.see("1100 files", () -> {
			crowd.create();
			List<String> put = new ArrayList<>();
			for (int i = 0; i < 1100; i++) {
				String name = String.valueOf(10_000 + i);
				crowd.file(name).put(name);
				put.add(name);
			}
			return names(crowd).equals(put);
		});
		seen.see("permissions", () -> robots.getPermissions().getReadPermissions().getAclStrings());
		seen.see("permissions: public", () -> after(DataAcl.PUBLIC));
		seen.see("permissions: private", () -> after(DataAcl.PRIVATE));
		seen.see("permissions: my algorithms", () -> after(DataAcl.MY_ALGOS));
		seen.see("create private", () -> {
			DataDirectory directory = client.dir("data://.my/java_private");
			directory.create(DataAcl.PRIVATE);
			List<String> acl = directory.getPermissions().getReadPermissions().getAclStrings();
			directory.delete(false);
			return acl;
		});
		seen.see("delete a file", () -> {
			robots.file("text.txt").delete();
			return robots.file("text.txt").exists();
		});
		seen.see("delete it again", () -> {
			robots.file("text.txt").delete();
			return null;
		});
		seen.see("delete what is not empty", () -> {
			robots.delete(false);
			return null;
		});
		seen.see("delete with force", () -> {
			robots.delete(true);
			crowd.delete(true);
			return List.of(robots.exists(), crowd.exists());
		});
		seen.show();
	}

	static List<String> names(DataDirectory directory) throws Exception {
		List<String> names = new ArrayList<>();
		for (DataFile file : directory.files()) names.add(file.getName());
		return names;
	}

	static Object after(DataAcl acl) throws Exception {
		return List.of(robots.updatePermissions(acl), robots.getPermissions().getReadPermissions().getAclStrings());
	}
}
