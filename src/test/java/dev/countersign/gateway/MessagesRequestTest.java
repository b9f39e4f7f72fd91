package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.SessionId;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesRequestTest {
    private static final String BASE =
            "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]";

    private static MessagesRequest read(String json) throws ProviderFault {
        return MessagesRequest.of(json.getBytes(StandardCharsets.UTF_8), false, java.util.Map.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",'system':'s','temperature':0.5,'top_p':1,'top_k':3,'stop_sequences':['a']",
                ",'system':[{'type':'text','text':'s','cache_control':{'type':'ephemeral'}}]",
                ",'metadata':{'user_id':'u'},'thinking':{'type':'enabled','budget_tokens':1024}",
                ",'tools':[{'name':'t','description':'d','input_schema':{'type':'object'}}],'tool_choice':{'type':'auto'}",
                ",'tools':[{'type':'bash_20250124','name':'bash'},{'type':'text_editor_20250728','name':'e','max_characters':10}]",
                ",'context_management':{'edits':[{'type':'clear_tool_uses_20250919'}]}",
                ",'output_config':{'effort':'low'},'service_tier':'auto','stream':true"
            })
    void ordinaryRequestsPass(String more) throws Exception {
        assertThat(read(BASE + more.replace('\'', '"') + "}").model()).isEqualTo("m");
    }

    @Test
    void documentsAreLookedThroughWhereverTheyStand() throws Exception {
        String document =
                "{'type':'document','title':'T','source':{'type':'text','media_type':'text/plain','data':'inside'}}";
        MessagesRequest request =
                read(
                        """
                        {'model':'m','max_tokens':5,'messages':[
                         {'role':'user','content':[DOCUMENT]},
                         {'role':'assistant','content':'a'},
                         {'role':'user','content':[
                          {'type':'tool_result','tool_use_id':'t1','content':[DOCUMENT]},DOCUMENT]}]}
                        """
                                .replace("DOCUMENT", document)
                                .replace('\'', '"'));
        assertThat(request.newDocuments()).hasSize(1);
        assertThat(request.newDocuments().getFirst()).contains("T").contains("inside");
        assertThat(request.newResults().getFirst().output()).contains("inside");
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                ",'mcp_servers':[] | mcp_servers",
                ",'container':'c' | container",
                ",'inference_geo':'us' | inference_geo",
                ",'stream':'yes' | stream",
                ",'metadata':{'x':1} | metadata",
                ",'context_management':{'edits':[{'type':'compact_20260112'}]} | context_management",
                ",'tools':[{'type':'web_search_20250305','name':'w'}] | tools[0].type",
                ",'tools':[{'type':'web_fetch_20250910','name':'w'}] | tools[0].type",
                ",'tools':[{'type':'code_execution_20250825','name':'w'}] | tools[0].type",
                ",'tools':[{'type':'mcp_toolset','mcp_server_name':'w'}] | tools[0].type",
                ",'tools':[{'type':'computer_20250124','name':'w'}] | tools[0].type",
                ",'tools':[{'name':'w','allowed_callers':['code_execution_20250825']}] | tools[0].allowed_callers",
                ",'system':[{'type':'image','source':{}}] | system[0].type"
            })
    void fieldsThatLetTheProviderActAreRefusedByName(String more, String field) {
        assertThatThrownBy(() -> read(BASE + more.replace('\'', '"') + "}"))
                .isInstanceOf(ProviderFault.class)
                .hasMessageStartingWith(field + " ");
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'role':'user','content':[{'type':'image','source':{'type':'url','url':'http://x'}}]} | messages[0].content[0].source.type",
                "{'role':'user','content':[{'type':'image','source':{'type':'base64','url':'http://x'}}]} | messages[0].content[0].source.url",
                "{'role':'user','content':[{'type':'document','source':{'type':'file','file_id':'f'}}]} | messages[0].content[0].source.type",
                "{'role':'user','content':[{'type':'document','source':{'type':'content','content':[{'type':'image','source':{'type':'url'}}]}}]} | messages[0].content[0].source.content[0].source.type",
                "{'role':'user','content':[{'type':'tool_result','tool_use_id':'a','content':[{'type':'image','source':{'type':'url'}}]}]} | messages[0].content[0].content[0].source.type",
                "{'role':'user','content':[{'type':'container_upload','file_id':'f'}]} | messages[0].content[0].type",
                "{'role':'assistant','content':[{'type':'server_tool_use','id':'a'}]} | messages[0].content[0].type",
                "{'role':'assistant','content':[{'type':'mcp_tool_use','id':'a'}]} | messages[0].content[0].type",
                "{'role':'user','content':[{'type':'tool_use','id':'a','name':'b','input':{}}]} | messages[0].content[0].type",
                "{'role':'tool','content':'x'} | messages[0].role",
                "{'role':'system','content':[{'type':'image','source':{'type':'base64','data':'x'}}]} | messages[0].content[0].type",
                "{'role':'user','content':'x','name':'y'} | messages[0].name",
                "{'role':'user','content':5} | messages[0].content"
            })
    void mediaByAddressAndUnknownBlocksAreRefusedByName(String message, String field) {
        String json = "{'model':'m','max_tokens':5,'messages':[" + message + "]}";
        assertThatThrownBy(() -> read(json.replace('\'', '"')))
                .isInstanceOf(ProviderFault.class)
                .hasMessageStartingWith(field + " ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"model\":\"m\",\"model\":\"n\",\"max_tokens\":1,\"messages\":[]}",
                "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[]} x",
                "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"content\":\"b\"}]}"
            })
    void whatTwoReadersCouldReadDifferentlyIsRefused(String json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOfSatisfying(
                        ProviderFault.class, fault -> assertThat(fault.status()).isEqualTo(400));
        assertThatThrownBy(() ->
                        MessagesRequest.of(
                                new byte[] {'{', '"', (byte) 0xff, '"'}, false, java.util.Map.of()))
                .isInstanceOf(ProviderFault.class);
        assertThatThrownBy(() -> read("[".repeat(5000))).isInstanceOf(ProviderFault.class);
    }

    @Test
    void theKeyFollowsSessionEpochModelAndConversationAndNothingElse() throws Exception {
        SessionId session = new SessionId("s-one");
        var key = read(BASE + "}").key(session, 0);
        assertThat(
                        read(BASE + ",\"metadata\":{\"user_id\":\"z\"},\"temperature\":1}")
                                .key(session, 0))
                .isEqualTo(key);
        assertThat(
                        read("{\"messages\":[{\"content\":\"x\",\"role\":\"user\"}],"
                                        + "\"max_tokens\":9,\"stream\":true,\"model\":\"m\"}")
                                .key(session, 0))
                .isEqualTo(key);
        assertThat(read(BASE + "}").key(session, 1)).isNotEqualTo(key);
        assertThat(read(BASE + "}").key(new SessionId("s-two"), 0)).isNotEqualTo(key);
        assertThat(read(BASE.replace("\"m\"", "\"n\"") + "}").key(session, 0)).isNotEqualTo(key);
        assertThat(read(BASE.replace("\"x\"", "\"y\"") + "}").key(session, 0)).isNotEqualTo(key);
        assertThat(read(BASE + ",\"system\":\"s\"}").key(session, 0)).isNotEqualTo(key);
        assertThat(read(BASE + ",\"tools\":[{\"name\":\"t\"}]}").key(session, 0)).isNotEqualTo(key);
    }
}
