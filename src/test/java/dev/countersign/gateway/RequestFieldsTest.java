package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Answer;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the provider would do or fetch for the guest is refused by name, in the format's own error;
/// what only passes through it passes unchanged.
@Timeout(60)
class RequestFieldsTest {
    @TempDir Path directory;

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "RESPONSES | 'previous_response_id':'resp_1' | previous_response_id",
                "RESPONSES | 'conversation':'conv_1' | conversation",
                "RESPONSES | 'prompt':{'id':'p'} | prompt",
                "RESPONSES | 'background':true | background",
                "RESPONSES | 'whatever':1 | whatever",
                "RESPONSES | 'include':['web_search_call.action.sources'] | include[0]",
                "RESPONSES | 'tools':[{'type':'web_search'}] | web_search",
                "RESPONSES | 'tools':[{'type':'mcp','server_url':'http://x'}] | mcp",
                "RESPONSES | 'tools':[{'type':'new_thing'}] | tools[0].type",
                "RESPONSES | 'input':[{'role':'user','content':[{'type':'input_image','image_url':'https://x/y.png'}]}] | input[0].content[0].image_url",
                "RESPONSES | 'input':[{'role':'user','content':[{'type':'input_image','file_id':'f'}]}] | input[0].content[0].file_id",
                "RESPONSES | 'input':[{'role':'user','content':[{'type':'input_file','file_url':'https://x'}]}] | input[0].content[0].file_url",
                "RESPONSES | 'input':[{'type':'item_reference','id':'x'}] | input[0].type",
                "RESPONSES | 'input':[{'type':'function_call_output','call_id':'c','output':[{'type':'input_image','image_url':'http://x'}]}] | input[0].output[0].image_url",
                "CHAT | 'web_search_options':{} | web_search_options",
                "CHAT | 'n':2 | n",
                "CHAT | 'audio':{'voice':'x'} | audio",
                "CHAT | 'plugins':[] | plugins",
                "CHAT | 'tools':[{'type':'web_search'}] | tools[0].type",
                "CHAT | 'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'https://x/y.png'}}]}] | messages[0].content[0].image_url.url",
                "CHAT | 'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'data:x'}}]}] | messages[0].content[0].image_url.url",
                "CHAT | 'messages':[{'role':'user','content':[{'type':'file','file':{'file_id':'f'}}]}] | messages[0].content[0].file.file_id",
                "CHAT | 'messages':[{'role':'user','content':[{'type':'video_url','video_url':{'url':'x'}}]}] | messages[0].content[0].type",
                "GEMINI | 'cachedContent':'cachedContents/x' | cachedContent",
                "GEMINI | 'tools':[{'googleSearch':{}}] | googleSearch",
                "GEMINI | 'tools':[{'codeExecution':{}}] | codeExecution",
                "GEMINI | 'tools':[{'google_search':{}}] | google_search",
                "GEMINI | 'system_instruction':{} | system_instruction",
                "GEMINI | 'generationConfig':{'responseModalities':['AUDIO']} | generationConfig",
                "GEMINI | 'contents':[{'role':'user','parts':[{'fileData':{'fileUri':'gs://x'}}]}] | contents[0].parts[0].fileData",
                "GEMINI | 'contents':[{'role':'user','parts':[{'file_data':{'file_uri':'gs://x'}}]}] | contents[0].parts[0].file_data",
                "GEMINI | 'contents':[{'role':'user','parts':[{'executableCode':{}}]}] | contents[0].parts[0].executableCode"
            })
    void fieldsThatLetTheProviderActAreRefusedByName(Speech speech, String field, String named)
            throws Exception {
        String json = field.replace('\'', '"');
        String name = json.substring(1, json.indexOf('"', 1));
        String asked = speech.ask(false);
        int at = asked.indexOf("\"" + name + "\"");
        String body =
                at < 0
                        ? "{" + json + "," + asked.substring(1)
                        : asked.substring(0, at) + json + "}";
        Provider provider = new Provider();
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            client.send(WireClient.post(speech.path(false), body));
            int status = client.status();
            String answer = client.body();
            assertThat(status).as(answer).isEqualTo(400);
            assertThat(speech.error(answer, false)).contains(named);
            assertThat(provider.requests()).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "RESPONSES | 'input':[{'type':'reasoning','id':'rs_1','summary':[],'encrypted_content':'gAAAA=='},{'role':'user','content':[{'type':'input_image','image_url':'data:image/png;base64,iVBO'}]}] | encrypted_content",
                "RESPONSES | 'tools':[{'type':'namespace','name':'n','description':'d','tools':[{'type':'function','name':'f','parameters':{}}]},{'type':'custom','name':'apply_patch','format':{'type':'grammar','syntax':'lark','definition':'x'}}],'client_metadata':{'a':'b'} | namespace",
                "CHAT | 'messages':[{'role':'assistant','content':null,'reasoning_content':'hm','tool_calls':[{'id':'c','type':'function','function':{'name':'f','arguments':'{}'}}]},{'role':'tool','tool_call_id':'c','content':'x'}] | reasoning_content",
                "CHAT | 'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'data:image/png;base64,iVBO','detail':'low'}}]}] | data:image/png;base64,iVBO",
                "GEMINI | 'contents':[{'role':'model','parts':[{'text':'hm','thought':true},{'functionCall':{'name':'f','args':{}},'thoughtSignature':'c2ln'}]},{'role':'user','parts':[{'functionResponse':{'name':'f','response':{'output':'x'}}},{'inlineData':{'mimeType':'image/png','data':'iVBO'}}]}] | thoughtSignature"
            })
    void whatOnlyPassesThroughReachesTheProviderUnchanged(
            Speech speech, String field, String carried) throws Exception {
        String json = field.replace('\'', '"');
        String name = json.substring(1, json.indexOf('"', 1));
        String asked = speech.ask(false);
        int at = asked.indexOf("\"" + name + "\"");
        String body =
                at < 0
                        ? "{" + json + "," + asked.substring(1)
                        : asked.substring(0, at) + json + "}";
        Provider provider = new Provider().answers(200, speech.whole("Hi."));
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            client.send(WireClient.post(speech.path(false), body));
            int status = client.status();
            assertThat(status).as(client.body()).isEqualTo(200);
            assertThat(provider.requests().getFirst()).isEqualTo(Speech.JSON.readTree(body));
            assertThat(provider.requests().getFirst().toString()).contains(carried);
        }
    }
}
