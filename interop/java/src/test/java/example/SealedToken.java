package example;

// snippet:begin
import dev.cretula.Context;
import dev.cretula.Key;
import dev.cretula.Keyring;
import dev.cretula.Sealer;
import dev.cretula.TokenException;
import dev.cretula.Unsealer;
import java.nio.charset.StandardCharsets;

public class SealedToken {
    public static void main(String[] args) {
        // A real server reads its ring from its secret store; a new key is made by Key.generate().secretText().
        Keyring ring = Keyring.parse(args.length > 0 ? args[0] : Key.generate().secretText());
        Context context = new Context("shop.example", "return-url");
        Sealer sealer = Sealer.of(ring, context);
        Unsealer unsealer = Unsealer.of(ring, context);

        String token = sealer.seal("/basket?page=2".getBytes(StandardCharsets.UTF_8), 600);
        try {
            byte[] payload = unsealer.unseal(token).payload();
            System.out.println(new String(payload, StandardCharsets.UTF_8));
        } catch (TokenException e) {
            // Answer every code alike: it is for the log, not for the sender of the token.
            System.out.println("refused: " + e.code());
        }
    }
}
// snippet:end
