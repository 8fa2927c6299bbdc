import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Asks URLs with both clients of Java, unchanged; prints a line of each: the status, or the error. */
class Calls {
    public static void main(String[] urls) {
        for (String url : urls) {
            System.out.println("HttpClient " + url + " " + client(url));
            System.out.println("HttpURLConnection " + url + " " + connection(url));
        }
    }

    static String client(String url) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
            return "" + HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
        } catch (Exception error) {
            return error.toString();
        }
    }

    static String connection(String url) {
        try {
            return "" + ((HttpURLConnection) URI.create(url).toURL().openConnection()).getResponseCode();
        } catch (Exception error) {
            return error.toString();
        }
    }
}
